"""Encodes what an engine's child process sends to its worker.

The worker does not trust a process that decodes clients' media: a pickle would let it run code. A frame is
JSON, in which only data can be written, and the bytes of its arrays after it. Dataclasses and enums are
named; the worker knows those of the engine API and of its service's engine protocol, and imports none for a
frame.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from struct import Struct
from typing import Any, cast

from services.chassis.engine_host.field_types import check_fields

HEADER = Struct("!II")
"""Lengths of the JSON and of the bytes after it."""
MAX_JSON_BYTES = 64 << 20
MAX_ARRAY_BYTES = 256 << 20
_OPEN_MODULES = (
    "services.chassis.engine_api.",
    "services.chassis.engine_host.frames",
    "services.chassis.errors",
)
_CHECKED_MODULES = (
    "services.chassis.engine_host.frames",
    "services.chassis.engine_api.spec",
    "services.chassis.engine_api.effects",
)
"""Modules of the dataclasses that the engine host reads, and announces. A stage fails by itself if an item of
another type is not what it should be."""
_OPEN_SUFFIX = ".engines.protocol"
_PLAIN = (str, int, float, bool, type(None))
_ARRAY_KINDS = "biuf"


class BadFrame(ValueError):
    """Raised for bytes that no engine of this installation sends."""


def encode(value: Any) -> bytes:
    """Returns the frame as bytes, its header included.

    Raises `TypeError` for a value that is neither plain data, a dataclass, an enum, a path nor an array.
    """
    arrays: list[bytes] = []
    text = json.dumps(_to_json(value, arrays)).encode()
    body = b"".join(arrays)
    return HEADER.pack(len(text), len(body)) + text + body


def frame_sizes(header: bytes) -> tuple[int, int]:
    """Returns the lengths in a header. Raises `BadFrame` if they are more than a worker should read."""
    text, arrays = HEADER.unpack(header)
    if text > MAX_JSON_BYTES or arrays > MAX_ARRAY_BYTES:
        raise BadFrame(f"a frame of {text:,} and {arrays:,} bytes")
    return text, arrays


def decode(text: bytes, arrays: bytes) -> Any:
    """Returns the value that `encode` was given, its lists as tuples. Raises `BadFrame` for anything else."""
    try:
        return _Reader(arrays).value(json.loads(text))
    except BadFrame:
        raise
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        StopIteration,
        ArithmeticError,
        RecursionError,
    ) as error:
        raise BadFrame(f"{type(error).__name__} in a frame") from error


def _to_json(value: Any, arrays: list[bytes]) -> Any:
    if isinstance(value, Enum):  # first: some are strings too
        return {"enum": _name(type(value)), "value": value.value}
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple)):
        return [_to_json(each, arrays) for each in cast(Sequence[Any], value)]
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        return {
            "data": _name(kind),
            "fields": [_to_json(getattr(value, name), arrays) for name in _field_names(kind)],
        }
    if isinstance(value, Mapping):
        items = cast(Mapping[Any, Any], value).items()
        return {"map": [[_to_json(key, arrays), _to_json(each, arrays)] for key, each in items]}
    if isinstance(value, Path):
        return {"path": str(value)}
    return _number_or_array(value, arrays)


def _number_or_array(value: Any, arrays: list[bytes]) -> Any:
    """Encodes what numpy makes, and subclasses of plain types."""
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, bytes):
        arrays.append(value)
        return {"bytes": len(value)}
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(value, numpy.generic):
        return value.item()
    if numpy is not None and isinstance(value, numpy.ndarray) and value.dtype.kind in _ARRAY_KINDS:
        arrays.append(value.tobytes())
        return {"array": value.dtype.str, "shape": list(value.shape)}
    raise TypeError(f"an engine cannot send a {type(value).__name__}")


def _name(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


class _Reader:
    """Builds values from JSON, and takes the bytes of arrays one after the other."""

    def __init__(self, arrays: bytes) -> None:
        self._arrays = memoryview(arrays)
        self._builders: Mapping[str, Callable[[Any], Any]] = {
            "data": self._dataclass,
            "enum": lambda found: _known(found["enum"])(self.value(found["value"])),
            "map": lambda found: {self.value(key): self.value(each) for key, each in found["map"]},
            "path": lambda found: Path(found["path"]),
            "bytes": lambda found: bytes(self._take(found["bytes"])),
            "array": self._array,
        }

    def value(self, found: Any) -> Any:
        if isinstance(found, list):
            return tuple([self.value(each) for each in cast(list[Any], found)])
        if isinstance(found, dict):
            described = cast(dict[str, Any], found)
            return self._builders[next(iter(described))](described)
        return found

    def _dataclass(self, found: dict[str, Any]) -> Any:
        kind = _known(found["data"])
        values = [self.value(each) for each in found["fields"]]
        if kind.__module__ in _CHECKED_MODULES and is_dataclass(kind):
            check_fields(kind, values)
        return kind(*values)

    def _array(self, found: dict[str, Any]) -> Any:
        import numpy as np  # workers of services without arrays do without it

        dtype, shape = np.dtype(found["array"]), tuple(map(int, found["shape"]))
        if dtype.kind not in _ARRAY_KINDS or min(shape, default=0) < 0:
            raise BadFrame(f"an array of {dtype}")
        count = int(np.prod(shape, dtype=object))
        return np.frombuffer(self._take(count * dtype.itemsize), dtype).reshape(shape).copy()

    def _take(self, size: int) -> memoryview:
        if not 0 <= size <= len(self._arrays):
            raise BadFrame("an array that is cut off")
        taken, self._arrays = self._arrays[:size], self._arrays[size:]
        return taken


@cache
def _known(name: str) -> type[Any]:
    """Returns a dataclass or enum that this process has loaded already, and that engines may send."""
    module, _, qualified = name.partition(":")
    if not (module.startswith(_OPEN_MODULES) or module.endswith(_OPEN_SUFFIX)):
        raise BadFrame(f"a {name}")
    kind = getattr(sys.modules[module], qualified)
    if not (isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Enum))):
        raise BadFrame(f"a {name}")
    return kind
