"""What a worker and its engine's child process say to each other.

Frames are pickled, each after its length: both ends are the same installation, and nobody else has
the socket. Errors travel as reason and message, so that no engine's module is imported by the worker.
"""

import pickle
from dataclasses import dataclass
from struct import Struct
from typing import Any

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import Reason

HEADER = Struct("!I")


@dataclass(frozen=True, slots=True)
class Run:
    """To the child: call `operation` of the engine with `request`."""

    operation: str
    request: Any


@dataclass(frozen=True, slots=True)
class Ready:
    """From the child, once: the engine is open."""

    spec: EngineSpec


@dataclass(frozen=True, slots=True)
class Item:
    """From the child: what the operation yielded."""

    value: Any


@dataclass(frozen=True, slots=True)
class Done:
    """From the child: the operation has ended."""


@dataclass(frozen=True, slots=True)
class Refused:
    """From the child: the engine raised a `LikenessError`."""

    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class ModuleMissing:
    """From the child: the engine's Python packages are not installed."""

    module: str


@dataclass(frozen=True, slots=True)
class Failed:
    """From the child: the engine raised anything else."""

    message: str
    frames: str


FromChild = Ready | Item | Done | Refused | ModuleMissing | Failed


def encode(frame: Run | FromChild) -> bytes:
    body = pickle.dumps(frame, protocol=pickle.HIGHEST_PROTOCOL)
    return HEADER.pack(len(body)) + body


def decode(body: bytes) -> Any:
    return pickle.loads(body)
