"""Errors of the command line. Every message says what to do; most are one line."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.errors import LikenessError

REFUSED_REQUESTS = frozenset({400, 413, 415, 422})
"""HTTP statuses that say that the request itself is wrong: the same command would be refused again."""


class CliError(LikenessError):
    """Ends the command with its message and `exit_status`."""

    exit_status = 1


class StackError(CliError):
    """A part of the local stack does not start, run or stop as it should."""


class AlreadyRunning(StackError):
    """Another stack holds the data folder."""


class UsageError(CliError):
    """What was typed cannot be carried out as it is."""

    exit_status = 2


class GatewayUnreachable(CliError):
    """No response came from the gateway. `sent` tells whether it may have received the request."""

    def __init__(self, message: str, *, sent: bool = True) -> None:
        super().__init__(message)
        self.sent = sent


class GatewayRefused(CliError):
    """The gateway responded with an error. `code` is its code, `status` that of HTTP.

    `lines` are the errors of a batch's lines, each with line, custom_id, param, code and message.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        status: int,
        lines: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.lines = lines
        self.exit_status = 2 if status in REFUSED_REQUESTS else 1


class JobFailed(CliError):
    """A job ended without a file."""
