"""Plans of videos: stages, inputs, and the tasks of the services."""

from dataclasses import replace
from typing import Any

import pytest
from google.protobuf import json_format

from likeness.tts.v1.tts_pb2 import SynthesisTask
from likeness.video.v1.video_pb2 import FaceChoice, RenderingTask
from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.spec import EngineLimits
from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.storage import Artifact
from services.chassis.text.markup import Markup
from services.gateway.jobs.domain.job_plan import PlannedStage
from services.gateway.jobs.domain.models import StageOutput
from services.gateway.jobs.domain.quantity import Unit
from services.gateway.jobs.messaging.outgoing import task_of
from services.gateway.lexicon.pronunciation import Pronunciation
from services.gateway.speech.spec import AlignmentSpec, ConversionSpec, EffectsSpec, ScriptSpec
from services.gateway.videos.plan import MAX_PARTS, plan, plan_picture, work_per_second
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec
from tests.unit.gateway.jobs.job_examples import (
    ALIGNER,
    EFFECTS,
    MUX,
    NOW,
    SILENT_VIDEO,
    TTS,
    VIDEO,
    VOICE,
    build_artifact,
    build_stage,
)

SPOKEN = SceneSpec(
    portrait=build_artifact("portrait"), speech=ScriptSpec("Hello.", TTS, "en-us"), engine=VIDEO
)
RECORDED = replace(SPOKEN, speech=build_artifact("recording"))
CONVERTED = replace(SPOKEN, conversion=ConversionSpec(VOICE, build_artifact("reference")))
RECORDED_CONVERTED = replace(RECORDED, conversion=ConversionSpec(VOICE))
DISTORTED = replace(SPOKEN, effects=EffectsSpec(EFFECTS, (EffectStep("pitch", {"semitones": 4.0}),)))
EVERYTHING = replace(
    RECORDED_CONVERTED, alignment=AlignmentSpec(ALIGNER, "Hello.", "en-GB"), effects=DISTORTED.effects
)
PROMPTED = replace(SPOKEN, engine=SILENT_VIDEO)


def planned(*scenes: SceneSpec) -> dict[str, PlannedStage]:
    return {stage.name: stage for stage in plan(VideoSpec(scenes, OutputSpec(512, 512, MUX)))}


@pytest.mark.parametrize(
    ("scenes", "names"),
    [
        ([SPOKEN], ["scene-0/tts", "scene-0/video", "mux"]),
        ([RECORDED], ["scene-0/video", "mux"]),
        ([CONVERTED], ["scene-0/tts", "scene-0/voice", "scene-0/video", "mux"]),
        ([RECORDED_CONVERTED], ["scene-0/voice", "scene-0/video", "mux"]),
        ([DISTORTED], ["scene-0/tts", "scene-0/effects", "scene-0/video", "mux"]),
        (
            [EVERYTHING],
            ["scene-0/align", "scene-0/voice", "scene-0/effects", "scene-0/video", "mux"],
        ),
        ([SPOKEN, RECORDED], ["scene-0/tts", "scene-0/video", "scene-1/video", "mux"]),
    ],
)
def test_each_scene_has_only_the_stages_that_it_needs(scenes: list[SceneSpec], names: list[str]):
    assert list(planned(*scenes)) == names


@pytest.mark.parametrize(
    ("scene", "speech"),
    [
        (SPOKEN, StageOutput("scene-0/tts", "speech")),
        (RECORDED, build_artifact("recording")),
        (CONVERTED, StageOutput("scene-0/voice", "speech")),
        (RECORDED_CONVERTED, StageOutput("scene-0/voice", "speech")),
        (DISTORTED, StageOutput("scene-0/effects", "speech")),
        (replace(EVERYTHING, conversion=None, effects=None), build_artifact("recording")),
    ],
)
def test_the_last_stage_of_the_speech_drives_lips_and_sound(scene: SceneSpec, speech: object):
    stages = planned(scene)
    assert stages["scene-0/video"].inputs["speech"] == speech
    assert stages["mux"].inputs["speech.0"] == speech


@pytest.mark.parametrize(
    ("scene", "producer"),
    [
        (SPOKEN, "tts"),
        (CONVERTED, "voice"),
        (DISTORTED, "effects"),
        (replace(EVERYTHING, conversion=None, effects=None), "align"),
        (replace(EVERYTHING, effects=None), "voice"),
        (EVERYTHING, "effects"),
    ],
)
def test_the_lips_follow_the_last_timeline(scene: SceneSpec, producer: str):
    timeline = StageOutput(f"scene-0/{producer}", "timeline")
    assert planned(scene)["scene-0/video"].inputs["timeline"] == timeline


def test_a_recording_without_alignment_has_no_timeline():
    assert "timeline" not in planned(RECORDED_CONVERTED)["scene-0/video"].inputs


def test_a_recording_is_aligned_before_its_voice_is_converted():
    assert planned(EVERYTHING)["scene-0/align"].inputs == {"speech": build_artifact("recording")}


@pytest.mark.parametrize("stage", ["align", "voice", "effects"])
def test_the_parameters_are_a_task_of_the_voice_service(stage: str):
    planned_stage = planned(EVERYTHING)[f"scene-0/{stage}"]
    task = task_of(build_stage(service="voice", parameters=planned_stage.parameters))
    assert isinstance(task, ConversionTask)
    assert task.WhichOneof("instead") == {"align": "alignment", "effects": "effects"}.get(stage)
    if stage == "align":
        assert (task.alignment.transcript, task.alignment.language) == ("Hello.", "en-GB")
    if stage == "effects":
        assert [(step.effect, dict(step.amounts)) for step in task.effects.steps] == [
            ("pitch", {"semitones": 4.0})
        ]


def test_an_engine_without_audio_does_not_wait_for_the_tts_stage():
    stages = planned(PROMPTED)
    assert set(stages["scene-0/video"].inputs) == {"portrait"}
    assert stages["mux"].inputs["speech.0"] == StageOutput("scene-0/tts", "speech")


def test_producers_precede_their_consumers():
    seen: set[str] = set()
    for stage in planned(CONVERTED, SPOKEN, RECORDED).values():
        needed = {source.stage for source in stage.inputs.values() if isinstance(source, StageOutput)}
        assert needed <= seen
        seen.add(stage.name)


def test_the_mux_takes_every_scene():
    inputs = planned(SPOKEN, RECORDED, CONVERTED)["mux"].inputs
    assert set(inputs) == {f"{kind}.{number}" for kind in ("video", "speech") for number in range(3)}


def test_landmarks_become_points_of_the_task():
    scene = replace(SPOKEN, landmarks={"chin": (10.0, 20.0)})
    assert planned(scene)["scene-0/video"].parameters["landmarks"] == {"chin": {"x": 10.0, "y": 20.0}}


def test_default_values_are_not_among_the_parameters_of_the_speech():
    """Results that were made before such a parameter existed keep their action keys."""
    plain = planned(SPOKEN)["scene-0/tts"].parameters
    assert not plain.keys() & {"emotion", "lexicon", "markup"}
    entry = Pronunciation("GIF", NOW, ipa="dʒɪf")
    script = ScriptSpec("A GIF.", TTS, "en-us", markup=Markup.PLAIN, emotion=Emotion.HAPPY, lexicon=(entry,))
    parameters = planned(replace(SPOKEN, speech=script))["scene-0/tts"].parameters
    assert parameters["emotion"] == "happy"
    assert parameters["markup"] == "plain"
    assert parameters["lexicon"] == [{"word": "GIF", "ipa": "dʒɪf"}]
    assert SynthesisTask(**parameters).lexicon[0].ipa == "dʒɪf"


def test_a_face_shows_the_emotion_of_its_scene() -> None:
    happy = planned(replace(RECORDED, emotion=Emotion.HAPPY))["scene-0/video"].parameters
    assert happy["emotion"] == "happy"
    assert "emotion" not in planned(RECORDED)["scene-0/video"].parameters


def test_a_silent_scene_has_only_a_video_stage():
    stages = planned(replace(SPOKEN, speech=None, prompt="zoom in", min_seconds=3.0), SPOKEN)
    assert list(stages) == ["scene-0/video", "scene-1/tts", "scene-1/video", "mux"]
    assert set(stages["scene-0/video"].inputs) == {"portrait"}
    assert set(stages["mux"].inputs) == {"video.0", "video.1", "speech.1"}


@pytest.mark.parametrize(
    ("output", "task", "inputs"),
    [
        ({}, RenderingTask(), {}),
        ({"fit": "pad"}, RenderingTask(fit="pad"), {}),
        ({"background": "#20a0ff"}, RenderingTask(background="#20a0ff"), {}),
        (
            {"background": build_artifact("wall")},
            RenderingTask(background="image"),
            {"background": build_artifact("wall")},
        ),
        ({"format": VideoFormat.VP9_ALPHA}, RenderingTask(format="vp9-alpha"), {}),
    ],
)
def test_parameters_and_inputs_of_the_framing(
    output: dict[str, Any], task: RenderingTask, inputs: dict[str, Artifact]
) -> None:
    parameters: dict[str, Any] = {}
    assert plan_picture(OutputSpec(512, 512, MUX, **output), parameters) == inputs
    assert RenderingTask(**parameters) == task


def test_video_and_mux_have_the_same_format():
    output = OutputSpec(512, 512, MUX, format=VideoFormat.PRORES_4444)
    stages = plan(VideoSpec((SPOKEN,), output))
    assert [stage.parameters.get("format") for stage in stages] == [None, "prores4444", "prores4444"]


@pytest.mark.parametrize("face", [{"index": 2}, {"box": {"left": 1, "top": 2, "width": 3, "height": 4}}])
def test_the_choice_of_a_face_is_a_parameter_of_the_task(face: dict[str, Any]) -> None:
    parameters = planned(replace(SPOKEN, face=face))["scene-0/video"].parameters
    assert json_format.ParseDict(dict(parameters), RenderingTask()).face == FaceChoice(**face)


IN_PARTS = replace(VIDEO, limits=EngineLimits(piece_megapixel_seconds=10.0))
MINUTES = replace(SPOKEN, engine=IN_PARTS, speech=ScriptSpec("Twelve chars. " * 200, TTS, "en-us"))


def test_a_long_scene_is_planned_in_parts_that_the_mux_joins():
    """200 s of script at 512x512: parts of 38 s."""
    stages = planned(SPOKEN, MINUTES)
    parts = [name for name in stages if name.startswith("scene-1/video")]
    assert parts == [f"scene-1/video-{index}" for index in range(5)]
    assert [stages[name].parameters["piece"] for name in parts] == [
        {"index": index, "count": 5} for index in range(5)
    ]
    assert {stages[name].inputs["speech"] for name in parts} == {StageOutput("scene-1/tts", "speech")}
    mux = stages["mux"]
    assert mux.parameters["parts"] == [1, 5]
    assert mux.inputs["video.0"] == StageOutput("scene-0/video", "video")
    assert mux.inputs["video.1.4"] == StageOutput("scene-1/video-4", "video")
    assert {"speech.0", "speech.1"} < set(mux.inputs)


def test_a_short_scene_is_planned_as_a_whole():
    stages = planned(replace(SPOKEN, engine=IN_PARTS))
    assert "piece" not in stages["scene-0/video"].parameters
    assert "parts" not in stages["mux"].parameters


def test_stages_say_how_much_they_have_to_do():
    quantities = {name: stage.quantity for name, stage in planned(MINUTES).items()}
    spoken = quantities["scene-0/tts"]
    assert (spoken.unit, spoken.amount, spoken.work) == (Unit.CHARACTER, 2800, 2800)
    assert spoken.media_seconds == pytest.approx(200, abs=1)
    part = quantities["scene-0/video-0"]
    assert part.unit is Unit.SECOND_OF_VIDEO
    assert (part.amount, part.work) == (pytest.approx(40, abs=1), pytest.approx(40 * 0.262, abs=1))
    assert quantities["mux"].amount == pytest.approx(200, abs=1)


@pytest.mark.parametrize(
    ("changes", "work"),
    [
        ({}, 1.0),
        ({"fps": 50.0}, 2.0),
        ({"width": 2000}, 2.0),
        ({"format": VideoFormat.VP9_ALPHA}, 2.0),
        ({"format": VideoFormat.PRORES_4444}, 8.0),
    ],
)
def test_the_work_of_a_picture_grows_with_pixels_frames_and_format(changes: dict[str, Any], work: float):
    assert work_per_second(replace(OutputSpec(1000, 1000, MUX), **changes)) == work


@pytest.mark.parametrize(
    ("scene", "share"),
    [
        (SPOKEN, 1.0),
        (replace(SPOKEN, min_seconds=60.0), 0.0),  # the script is shorter than that
        (replace(RECORDED, recording_seconds=30.0), 0.0),
        (replace(SPOKEN, speech=None, min_seconds=5.0), 0.0),
    ],
)
def test_only_what_grows_with_an_unspoken_script_is_estimated(scene: SceneSpec, share: float):
    stages = planned(scene)
    assert stages["scene-0/video"].quantity.estimated == stages["mux"].quantity.estimated == share


def test_a_film_has_at_most_so_many_parts():
    scene = replace(SPOKEN, engine=IN_PARTS, speech=None, min_seconds=3600.0)
    big = VideoSpec((scene,) * 3, OutputSpec(2160, 2160, MUX, fps=60))
    parts = [stage for stage in plan(big) if stage.engine is IN_PARTS]
    assert len(parts) == 3 * (MAX_PARTS // 3)
