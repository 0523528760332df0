"""The error tree of the project. Each reason maps to one `likeness.jobs.v1.ErrorReason`."""

from enum import StrEnum


class Reason(StrEnum):
    """A machine-readable cause of an error."""

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
"""Reasons for which another attempt may succeed."""
QUOTING = frozenset(
    {
        Reason.INVALID_ARGUMENT,
        Reason.FACE_NOT_FOUND,
        Reason.MEDIA_UNREADABLE,
        Reason.ENGINE_UNKNOWN,
        Reason.VOICE_UNKNOWN,
        Reason.INTERNAL,
    }
)
"""Reasons of errors whose messages may quote what a user has sent."""


OUT_OF_MEMORY_ADVICE = (
    "The engine ran out of memory. Send a smaller picture, a shorter recording or less text at once."
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
        """Tells whether another attempt may succeed."""
        return self.reason in RETRYABLE

    @property
    def loggable(self) -> str:
        """Returns the message for a log, which has no text of users: empty if it may quote some."""
        return "" if self.reason in QUOTING else self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Makes errors picklable with their message and reason."""
        return _rebuild, (type(self), self.message, self.reason)


def _rebuild(kind: type[LikenessError], message: str, reason: Reason) -> LikenessError:
    return kind(message, reason=reason)


class InvalidArgument(LikenessError):
    """Raised for a request that can never be fulfilled as it is."""

    reason = Reason.INVALID_ARGUMENT


class FaceNotFound(LikenessError):
    """Raised for a portrait in which no face is found."""

    reason = Reason.FACE_NOT_FOUND


class MediaUnreadable(LikenessError):
    """Raised for media that cannot be decoded."""

    reason = Reason.MEDIA_UNREADABLE


class EngineUnknown(LikenessError):
    """Raised for the name of an engine that is not hosted."""

    reason = Reason.ENGINE_UNKNOWN


class EngineUnavailable(LikenessError):
    """Raised if an engine or a service cannot be used at the moment."""

    reason = Reason.ENGINE_UNAVAILABLE


class VoiceUnknown(LikenessError):
    """Raised for the name of a voice that the engine does not have."""

    reason = Reason.VOICE_UNKNOWN


class ArtifactMissing(LikenessError):
    """Raised if a stored object is gone or damaged; `artifact_key` names the object."""

    reason = Reason.ARTIFACT_MISSING

    def __init__(self, message: str, *, reason: Reason | None = None, artifact_key: str = "") -> None:
        super().__init__(message, reason=reason)
        self.artifact_key = artifact_key


class EngineCrashed(LikenessError):
    """Raised if the process of an engine died."""

    reason = Reason.ENGINE_CRASHED


class TimedOut(LikenessError):
    """Raised if a stage or a call took longer than its limit."""

    reason = Reason.TIMED_OUT


class StoreUnavailable(LikenessError):
    """Raised if the object store does not answer or refuses a request."""

    reason = Reason.STORE_UNAVAILABLE


class DiskFull(StoreUnavailable):
    """Raised if the disk of this machine is full: nothing can be kept on the way to the store or from it."""


class BusUnavailable(LikenessError):
    """Raised if the message broker cannot be reached or does not confirm."""

    reason = Reason.BUS_UNAVAILABLE


def error_of(reason: Reason, message: str) -> LikenessError:
    """Returns an error of the given reason, in the subclass for that reason if there is one."""
    for kind in LikenessError.__subclasses__():
        if kind.reason is reason:
            return kind(message)
    return LikenessError(message, reason=reason)
