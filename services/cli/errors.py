"""Errors of the command line. Every message is one line that says what to do."""

from services.chassis.errors import LikenessError


class CliError(LikenessError):
    """Ends the command with exit status 1 and its message."""


class StackError(CliError):
    """A part of the local stack does not start, run or stop as it should."""


class AlreadyRunning(StackError):
    """Another stack holds the data folder."""


class UsageError(CliError):
    """The options do not go together."""


class GatewayUnreachable(CliError):
    """No response came from the gateway."""


class GatewayRefused(CliError):
    """The gateway responded with an error. `code` is its code, `status` that of HTTP."""

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message)
        self.code = code
        self.status = status


class VideoFailed(CliError):
    """The video ended without a file."""
