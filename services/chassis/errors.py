"""The one error tree. A reason maps one to one to `likeness.jobs.v1.ErrorReason`."""

from enum import StrEnum


class Reason(StrEnum):
    INVALID_ARGUMENT = "invalid_argument"
    FACE_NOT_FOUND = "face_not_found"
    MEDIA_UNREADABLE = "media_unreadable"
    ENGINE_UNKNOWN = "engine_unknown"
    ENGINE_UNAVAILABLE = "engine_unavailable"
    VOICE_UNKNOWN = "voice_unknown"
    ARTIFACT_MISSING = "artifact_missing"
    ENGINE_CRASHED = "engine_crashed"
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    WORKER_LOST = "worker_lost"
    STORE_UNAVAILABLE = "store_unavailable"
    BUS_UNAVAILABLE = "bus_unavailable"
    INTERNAL = "internal"


RETRYABLE = frozenset(
    {
        Reason.ENGINE_UNAVAILABLE,
        Reason.ARTIFACT_MISSING,
        Reason.ENGINE_CRASHED,
        Reason.OUT_OF_MEMORY,
        Reason.TIMED_OUT,
        Reason.WORKER_LOST,
        Reason.STORE_UNAVAILABLE,
        Reason.BUS_UNAVAILABLE,
    }
)


class LikenessError(Exception):
    """Root of every error that this project raises on purpose.

    The message is shown to the user: it says what is wrong and what to do.
    """

    reason: Reason = Reason.INTERNAL

    def __init__(self, message: str, *, reason: Reason | None = None) -> None:
        super().__init__(message)
        self.message = message
        if reason is not None:
            self.reason = reason

    @property
    def retryable(self) -> bool:
        return self.reason in RETRYABLE

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.reason)


def _rebuild(kind: type[LikenessError], message: str, reason: Reason) -> LikenessError:
    return kind(message, reason=reason)


class InvalidArgument(LikenessError):
    reason = Reason.INVALID_ARGUMENT


class FaceNotFound(LikenessError):
    reason = Reason.FACE_NOT_FOUND


class MediaUnreadable(LikenessError):
    reason = Reason.MEDIA_UNREADABLE


class EngineUnknown(LikenessError):
    reason = Reason.ENGINE_UNKNOWN


class EngineUnavailable(LikenessError):
    reason = Reason.ENGINE_UNAVAILABLE


class VoiceUnknown(LikenessError):
    reason = Reason.VOICE_UNKNOWN


class ArtifactMissing(LikenessError):
    """`artifact_key` names the object that is gone or damaged."""

    reason = Reason.ARTIFACT_MISSING

    def __init__(self, message: str, *, reason: Reason | None = None, artifact_key: str = "") -> None:
        super().__init__(message, reason=reason)
        self.artifact_key = artifact_key


class EngineCrashed(LikenessError):
    reason = Reason.ENGINE_CRASHED


class TimedOut(LikenessError):
    reason = Reason.TIMED_OUT


class StoreUnavailable(LikenessError):
    reason = Reason.STORE_UNAVAILABLE


class BusUnavailable(LikenessError):
    reason = Reason.BUS_UNAVAILABLE


def error_of(reason: Reason, message: str) -> LikenessError:
    """The error that `reason` stands for, as the class of its own if it has one."""
    for kind in LikenessError.__subclasses__():
        if kind.reason is reason:
            return kind(message)
    return LikenessError(message, reason=reason)
