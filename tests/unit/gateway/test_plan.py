from dataclasses import replace

import pytest

from services.gateway.videos.plan import PlannedStage, plan
from services.gateway.videos.records import StageOutput
from services.gateway.videos.spec import ConversionSpec, OutputSpec, SceneSpec, ScriptSpec, VideoSpec
from tests.unit.gateway.jobs import MUX, SILENT_VIDEO, TTS, VIDEO, VOICE, build_artifact

SPOKEN = SceneSpec(build_artifact("portrait"), ScriptSpec("Hello.", TTS, "en-us"), VIDEO)
RECORDED = replace(SPOKEN, speech=build_artifact("recording"))
CONVERTED = replace(SPOKEN, conversion=ConversionSpec(VOICE, build_artifact("reference")))
RECORDED_CONVERTED = replace(RECORDED, conversion=ConversionSpec(VOICE))
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
        ([SPOKEN, RECORDED], ["scene-0/tts", "scene-0/video", "scene-1/video", "mux"]),
    ],
)
def test_each_scene_needs_just_the_stages_that_it_asks_for(scenes: list[SceneSpec], names: list[str]):
    assert list(planned(*scenes)) == names


@pytest.mark.parametrize(
    ("scene", "speech"),
    [
        (SPOKEN, StageOutput("scene-0/tts", "speech")),
        (RECORDED, build_artifact("recording")),
        (CONVERTED, StageOutput("scene-0/voice", "speech")),
        (RECORDED_CONVERTED, StageOutput("scene-0/voice", "speech")),
    ],
)
def test_the_last_voice_drives_both_lips_and_sound(scene: SceneSpec, speech: object):
    stages = planned(scene)
    assert stages["scene-0/video"].inputs["speech"] == speech
    assert stages["mux"].inputs["speech.0"] == speech


def test_a_timeline_goes_along_with_synthetic_speech_only():
    assert planned(CONVERTED)["scene-0/video"].inputs["timeline"] == StageOutput("scene-0/voice", "timeline")
    assert "timeline" not in planned(RECORDED_CONVERTED)["scene-0/video"].inputs


def test_an_engine_that_needs_no_audio_starts_beside_its_tts():
    stages = planned(PROMPTED)
    assert set(stages["scene-0/video"].inputs) == {"portrait"}
    assert stages["mux"].inputs["speech.0"] == StageOutput("scene-0/tts", "speech")


def test_producers_stand_before_their_consumers():
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
