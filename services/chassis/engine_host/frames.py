"""Frames between a worker and its engine's child process.

A request is pickled, after its length: the child trusts its worker. What comes back is encoded by `codec`.
Errors travel as reason and message, so that the worker imports no module of the engine.
"""

import pickle
from dataclasses import dataclass
from struct import Struct
from typing import Any

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import Reason

REQUEST_HEADER = Struct("!I")
"""Length of a request in bytes."""


@dataclass(frozen=True, slots=True)
class Run:
    """Request to the child: call `operation` of the engine with `request`."""

    operation: str
    request: Any


@dataclass(frozen=True, slots=True)
class Ready:
    """First frame from the child: the engine is open.

    `unconfined` names the measures that this system does not allow to confine the process with.
    """

    spec: EngineSpec
    unconfined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """Frame from the child: an item that the operation yielded."""

    value: Any


@dataclass(frozen=True, slots=True)
class Done:
    """Frame from the child: the operation has ended."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Frame from the child: the engine raised a `LikenessError`."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class ModuleMissing:
    """Frame from the child: the engine's Python packages are not installed."""

    module: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Frame from the child: the engine raised any other exception."""

    message: str
    frames: str


FromChild = Ready | Item | Done | Refused | ModuleMissing | Failed


def encode_request(frame: Run) -> bytes:
    """Returns the request as bytes, its header included."""
    body = pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL)
    return REQUEST_HEADER.pack(len(body)) + body


def decode_request(body: bytes) -> Run:
    """Returns the request in `body`, the bytes after the header."""
    return pickle.loads(body)
