from pathlib import Path

import pytest

from likeness.jobs.v1.engines_pb2 import EffectStep as EffectStepMessage
from likeness.voice.v1.voice_pb2 import Alignment as AlignmentMessage
from likeness.voice.v1.voice_pb2 import ConversionTask, EffectChain
from likeness.voice.v1.voice_pb2 import Transcription as TranscriptionMessage
from services.chassis.contracts.timeline import timeline_from_json, timeline_to_json
from services.chassis.contracts.transcript import TRANSCRIPT_MEDIA_TYPE, transcript_from_json
from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.engine_api.transcript import Transcript
from services.chassis.errors import InvalidArgument
from services.voice.engines.protocol import (
    AlignedSpeech,
    Alignment,
    Conversion,
    ConvertedSpeech,
    Effects,
    Transcription,
)
from services.voice.stage_handler import request_from, result_of

TIMELINE = SpeechTimeline(2.0, "en-US", confidence=0.5)


@pytest.fixture
def inputs(tmp_path: Path) -> dict[str, Path]:
    timeline = tmp_path / "in.json"
    timeline.write_bytes(timeline_to_json(TIMELINE))
    return {"speech": tmp_path / "in.wav", "timeline": timeline, "reference": tmp_path / "reference.wav"}


def test_a_task_without_alternatives_is_a_conversion(tmp_path: Path, inputs: dict[str, Path]) -> None:
    task = ConversionTask(pitch_semitones=2, strength=0.5)
    assert request_from(task, inputs, tmp_path) == Conversion(
        speech=inputs["speech"],
        output=tmp_path / "speech.wav",
        timeline=TIMELINE,
        reference=inputs["reference"],
        pitch_semitones=2.0,
        formant_scale=1.0,
        strength=0.5,
    )


def test_an_effects_task_has_its_steps(tmp_path: Path, inputs: dict[str, Path]) -> None:
    steps = [
        EffectStepMessage(effect="pitch", amounts={"semitones": 3.0}),
        EffectStepMessage(effect="whisper"),
    ]
    assert request_from(ConversionTask(effects=EffectChain(steps=steps)), inputs, tmp_path) == Effects(
        speech=inputs["speech"],
        output=tmp_path / "speech.wav",
        steps=(EffectStep("pitch", {"semitones": 3.0}), EffectStep("whisper", {})),
        timeline=TIMELINE,
    )


def test_an_alignment_task_has_its_transcript(tmp_path: Path, inputs: dict[str, Path]) -> None:
    task = ConversionTask(alignment=AlignmentMessage(transcript="Hallo.", language="de"))
    assert request_from(task, inputs, tmp_path) == Alignment(inputs["speech"], "Hallo.", "de")


def test_a_transcription_task_has_its_language_and_prompt(tmp_path: Path, inputs: dict[str, Path]) -> None:
    task = ConversionTask(transcription=TranscriptionMessage(language="en", prompt="Dashwood"))
    assert request_from(task, inputs, tmp_path) == Transcription(inputs["speech"], "en", "Dashwood")


def test_a_transcript_is_the_only_output_of_a_transcription(tmp_path: Path) -> None:
    transcript = Transcript("Hello.", "en", 2.0)
    result = result_of(transcript, tmp_path)
    (name,) = result.products
    product = result.products[name]
    assert (name, product.media_type, result.media_seconds) == ("transcript", TRANSCRIPT_MEDIA_TYPE, 2.0)
    assert transcript_from_json(product.path.read_bytes()) == transcript


@pytest.mark.parametrize("task", [ConversionTask(), ConversionTask(alignment=AlignmentMessage())])
def test_a_stage_without_speech_is_refused(tmp_path: Path, task: ConversionTask) -> None:
    with pytest.raises(InvalidArgument, match="'speech'"):
        request_from(task, {}, tmp_path)


def test_an_alignment_outputs_only_a_timeline(tmp_path: Path) -> None:
    result = result_of(AlignedSpeech(TIMELINE), tmp_path)
    assert (set(result.products), result.media_seconds) == ({"timeline"}, 2.0)
    assert timeline_from_json(result.products["timeline"].path.read_bytes()) == TIMELINE


@pytest.mark.parametrize(("timeline", "names"), [(TIMELINE, {"speech", "timeline"}), (None, {"speech"})])
def test_changed_speech_has_a_timeline_if_it_had_one(
    tmp_path: Path, timeline: SpeechTimeline | None, names: set[str]
) -> None:
    result = result_of(ConvertedSpeech(tmp_path / "speech.wav", 2.0, timeline), tmp_path)
    assert (set(result.products), result.media_seconds) == (names, 2.0)
