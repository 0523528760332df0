"""Conversion of errors, artifacts, checks and specs."""

import pytest

from likeness.jobs.v1.errors_pb2 import ERROR_REASON_UNSPECIFIED, ErrorReason
from services.chassis.contracts.jobs import (
    artifact_from_proto,
    artifact_to_proto,
    check_from_proto,
    check_to_proto,
    error_to_proto,
    reason_from_proto,
    reason_to_proto,
    spec_from_proto,
    spec_to_proto,
)
from services.chassis.engine_api.effects import Effect, EffectAmount, EffectPreset, EffectStep
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import DeviceClass, EngineLimits, EngineSpec, Voice
from services.chassis.errors import FaceNotFound, Reason
from services.chassis.storage import Artifact


def test_reasons_are_one_to_one_with_the_contract() -> None:
    known = set(ErrorReason.values()) - {ERROR_REASON_UNSPECIFIED}
    assert {reason_to_proto(reason) for reason in Reason} == known
    assert [reason_from_proto(reason_to_proto(reason)) for reason in Reason] == list(Reason)


@pytest.mark.parametrize("value", [ERROR_REASON_UNSPECIFIED, 999])
def test_a_reason_of_another_contract_is_internal(value: ErrorReason) -> None:
    assert reason_from_proto(value) is Reason.INTERNAL


def test_an_error_keeps_its_reason_message_and_whether_it_is_retryable() -> None:
    message = error_to_proto(FaceNotFound("Show a face."))
    assert (reason_from_proto(message.reason), message.message, message.retryable) == (
        Reason.FACE_NOT_FOUND,
        "Show a face.",
        False,
    )


def test_an_artifact_survives_a_round_trip() -> None:
    artifact = Artifact("ws/sha256/ab/abc", "abc", "audio/wav", 3)
    assert artifact_from_proto(artifact_to_proto(artifact)) == artifact


@pytest.mark.parametrize(("lower", "upper"), [(None, 0.0), (0.0, None), (-1.5, 2.5)])
def test_a_check_survives_a_round_trip(lower: float | None, upper: float | None) -> None:
    check = QualityCheck("offset", 3.25, "ms", lower, upper, False, "The lips are late.")
    assert check_from_proto(check_to_proto(check)) == check


@pytest.mark.parametrize("device_class", list(DeviceClass))
def test_a_spec_survives_a_round_trip(device_class: DeviceClass) -> None:
    spec = EngineSpec(
        service="tts",
        name="espeak",
        version="2",
        device_class=device_class,
        needs_audio=False,
        languages=("en", "de"),
        voices=(Voice("en-us", "American", "en-US", "male"), Voice("de", "Deutsch", "de")),
        limits=EngineLimits(
            max_seconds=60.0,
            max_characters=5000,
            max_pixels=1,
            min_speed=0.5,
            max_speed=2.0,
            max_pitch_semitones=12.0,
            stage_timeout_seconds=9.5,
            piece_megapixel_seconds=6.5,
        ),
        operations=("effects",),
        effects=(Effect("pitch", "Higher or lower.", (EffectAmount("semitones", -12.0, 12.0, 0.0),)),),
        presets=(EffectPreset("child", "A child.", (EffectStep("pitch", {"semitones": 5.0}),)),),
    )
    assert spec_from_proto(spec_to_proto(spec)) == spec
