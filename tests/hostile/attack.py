"""What a hostile client does to a running stack, and what the stack answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

MARKER = "xq7-marker"
"""A word for the texts of attacks. Logs must not hold it at the end, since they hold no text of users."""


@dataclass(slots=True)
class Target:
    """A running stack, as an attacker with a key of its own sees it.

    Every answer that comes through `http` or `anonymous` is noted in `answers`. An attack that uses a socket
    of its own notes what it reads with `answered`.
    """

    host: str
    port: int
    """Address of the gateway."""
    key: str
    """API key of the attacker's workspace."""
    data: Path
    """Data folder of the stack, to look at what is left behind; an attack writes nothing there."""
    http: httpx2.AsyncClient
    """Client with the attacker's key, without redirects. Its timeout is 60 s."""
    anonymous: httpx2.AsyncClient
    """Client without a key."""
    answers: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    """Method and path, and status, of each answer."""

    def answered(self, request: str, status: int) -> None:
        self.answers.append((request, status))


@dataclass(frozen=True, slots=True)
class Attack:
    """One hostile act.

    `run` returns once the stack has answered or the attacker has left. It raises AssertionError if the answer
    is not the one that the act deserves. It must end within 20 s, unless the stack is at fault.
    """

    kind: str
    """The kind of fault that it looks for; the name of its module in `tests/hostile/kinds`."""
    name: str
    run: Callable[[Target], Awaitable[None]]
