"""Reads the weights of the speaker encoder out of PyTorch's old file format, without PyTorch."""

import collections
import pickle
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from services.chassis.errors import EngineUnavailable

_HEADER_PICKLES = 3
"""Magic number, protocol version and machine, which come before the weights."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: str
    offset: int
    shape: tuple[int, ...]


class _TensorUnpickler(pickle.Unpickler):
    """Loads dictionaries of tensors. A pickle that names anything else, and so may run code, is refused."""

    def find_class(self, module_name: str, global_name: str, /) -> Any:
        if (module_name, global_name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module_name, global_name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if module_name == "torch" and global_name.endswith("Storage"):
            return global_name
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is no tensor")

    def persistent_load(self, pid: Any) -> str:
        _, kind, key, *_ = pid
        if kind != "FloatStorage":
            raise pickle.UnpicklingError(f"a {kind} holds no 32-bit floats")
        return key


def _tensor(storage: str, offset: int, shape: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape)


def read_weights(path: Path) -> Mapping[str, NDArray[np.float32]]:
    """Returns the tensors of the model by name. Raises `EngineUnavailable` for another kind of file."""
    try:
        with path.open("rb") as file:
            return _read(file)
    except (pickle.UnpicklingError, EOFError, struct.error, LookupError, TypeError, ValueError) as error:
        raise EngineUnavailable(
            f"The speaker encoder in {path.parent} cannot be read ({error}). "
            "Run: likeness models verify, then pull it again."
        ) from error


def _read(file: IO[bytes]) -> Mapping[str, NDArray[np.float32]]:
    for _ in range(_HEADER_PICKLES):
        _TensorUnpickler(file).load()
    found: Mapping[str, Any] = _TensorUnpickler(file).load()["model_state"]
    keys: list[str] = _TensorUnpickler(file).load()
    storages = {key: _storage(file) for key in keys}
    tensors = {name: each for name, each in found.items() if isinstance(each, _Tensor)}
    return {
        name: storages[each.storage][each.offset :][: prod(each.shape)].reshape(each.shape)
        for name, each in tensors.items()
    }


def _storage(file: IO[bytes]) -> NDArray[np.float32]:
    (count,) = struct.unpack("<q", file.read(8))
    return np.frombuffer(file.read(4 * count), np.float32)
