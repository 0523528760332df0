"""Conversion of errors, artifacts, checks and engine specs between likeness.jobs.v1 and dataclasses."""

from dataclasses import asdict

from likeness.jobs.v1 import artifact_pb2, engines_pb2, errors_pb2, quality_pb2
from services.chassis.contracts.effects import (
    effect_from_proto,
    effect_to_proto,
    preset_from_proto,
    preset_to_proto,
)
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import DeviceClass, EngineLimits, EngineSpec, Voice
from services.chassis.errors import ArtifactMissing, LikenessError, Reason
from services.chassis.storage import Artifact

_REASON_PREFIX = "ERROR_REASON_"
_DEVICE_PREFIX = "DEVICE_CLASS_"


def reason_to_proto(reason: Reason) -> errors_pb2.ErrorReason:
    return getattr(errors_pb2, _REASON_PREFIX + reason.name)


def reason_from_proto(value: errors_pb2.ErrorReason) -> Reason:
    """Returns the reason of a proto value; an unknown value, from a newer contract, is `INTERNAL`."""
    if value not in errors_pb2.ErrorReason.values():
        return Reason.INTERNAL
    name = errors_pb2.ErrorReason.Name(value).removeprefix(_REASON_PREFIX)
    return Reason[name] if name in Reason.__members__ else Reason.INTERNAL


def error_to_proto(error: LikenessError) -> errors_pb2.StageError:
    return errors_pb2.StageError(
        reason=reason_to_proto(error.reason),
        message=error.message,
        retryable=error.retryable,
        artifact_key=error.artifact_key if isinstance(error, ArtifactMissing) else "",
    )


def artifact_to_proto(artifact: Artifact) -> artifact_pb2.Artifact:
    return artifact_pb2.Artifact(
        key=artifact.key,
        sha256=artifact.sha256,
        media_type=artifact.media_type,
        size_bytes=artifact.size_bytes,
    )


def artifact_from_proto(message: artifact_pb2.Artifact) -> Artifact:
    return Artifact(
        key=message.key,
        sha256=message.sha256,
        media_type=message.media_type,
        size_bytes=message.size_bytes,
    )


def check_to_proto(check: QualityCheck) -> quality_pb2.QualityCheck:
    return quality_pb2.QualityCheck(
        name=check.name,
        value=check.value,
        unit=check.unit,
        lower=check.lower,
        upper=check.upper,
        passed=check.passed,
        message=check.message,
    )


def check_from_proto(message: quality_pb2.QualityCheck) -> QualityCheck:
    return QualityCheck(
        message.name,
        message.value,
        message.unit,
        message.lower if message.HasField("lower") else None,
        message.upper if message.HasField("upper") else None,
        message.passed,
        message.message,
    )


def spec_to_proto(spec: EngineSpec) -> engines_pb2.EngineSpec:
    return engines_pb2.EngineSpec(
        service=spec.service,
        name=spec.name,
        version=spec.version,
        device_class=_DEVICE_PREFIX + spec.device_class.name,
        needs_audio=spec.needs_audio,
        languages=spec.languages,
        voices=[engines_pb2.Voice(**asdict(voice)) for voice in spec.voices],
        limits=engines_pb2.EngineLimits(
            max_seconds=spec.limits.max_seconds,
            max_characters=spec.limits.max_characters,
            max_pixels=spec.limits.max_pixels,
            stage_timeout_seconds=spec.limits.stage_timeout_seconds,
            min_speed=spec.limits.min_speed,
            max_speed=spec.limits.max_speed,
            max_pitch_semitones=spec.limits.max_pitch_semitones,
            piece_megapixel_seconds=spec.limits.piece_megapixel_seconds,
        ),
        operations=spec.operations,
        effects=[effect_to_proto(effect) for effect in spec.effects],
        presets=[preset_to_proto(preset) for preset in spec.presets],
    )


def _voice_from_proto(voice: engines_pb2.Voice) -> Voice:
    return Voice(
        voice.id,
        voice.name,
        voice.language,
        voice.gender,
        voice.accent,
        voice.age,
        voice.style,
        voice.description,
    )


def spec_from_proto(message: engines_pb2.EngineSpec) -> EngineSpec:
    gpu = message.device_class == engines_pb2.DEVICE_CLASS_GPU
    return EngineSpec(
        service=message.service,
        name=message.name,
        version=message.version,
        device_class=DeviceClass.GPU if gpu else DeviceClass.CPU,
        needs_audio=message.needs_audio,
        languages=tuple(message.languages),
        voices=tuple(_voice_from_proto(voice) for voice in message.voices),
        limits=EngineLimits(
            max_seconds=message.limits.max_seconds,
            max_characters=message.limits.max_characters,
            max_pixels=message.limits.max_pixels,
            stage_timeout_seconds=message.limits.stage_timeout_seconds,
            min_speed=message.limits.min_speed,
            max_speed=message.limits.max_speed,
            max_pitch_semitones=message.limits.max_pitch_semitones,
            piece_megapixel_seconds=message.limits.piece_megapixel_seconds,
        ),
        operations=tuple(message.operations),
        effects=tuple(effect_from_proto(effect) for effect in message.effects),
        presets=tuple(preset_from_proto(preset) for preset in message.presets),
    )
