"""Tests how the speaker encoder's file is read, and the graph that is made of it, without the model."""

import io
import os
import pickle
import struct
import sys
from collections import OrderedDict
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from services.chassis.errors import EngineUnavailable
from services.tts.engines.cloning.encoder_weights import read_weights
from services.tts.engines.cloning.speaker_encoder import encoder_graph, window_starts

RANDOM = np.random.default_rng(0)
HIDDEN = 256


def _rebuild_tensor_v2() -> None: ...


class FloatStorage: ...


class Tensor:
    """A tensor as PyTorch pickles it: a function, and a storage that is kept elsewhere."""

    def __init__(self, key: str, shape: tuple[int, ...], offset: int = 0) -> None:
        self.key, self.shape, self.offset = key, shape, offset

    def __reduce__(self) -> Any:
        storage = Storage(self.key)
        return _rebuild_tensor_v2, (storage, self.offset, self.shape, (), False, OrderedDict())


class Storage:
    def __init__(self, key: str) -> None:
        self.key = key


class Pickler(pickle.Pickler):
    def persistent_id(self, obj: Any, /) -> Any:
        return ("storage", FloatStorage, obj.key, "cpu", 0, None) if isinstance(obj, Storage) else None


@pytest.fixture
def torch_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets pickles name what PyTorch would be called."""
    for name, each in (("torch", FloatStorage), ("torch._utils", _rebuild_tensor_v2)):
        module = ModuleType(name)
        setattr(module, each.__name__, each)
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr(each, "__module__", name)


def file_of(path: Path, state: Any, storages: dict[str, NDArray[np.float32]]) -> Path:
    out = io.BytesIO()
    for each in (0x1950A86A20F9469CFC6C, 1001, {"little_endian": True}, state, list(storages)):
        Pickler(out, protocol=2).dump(each)
    for values in storages.values():
        out.write(struct.pack("<q", len(values)) + values.tobytes())
    path.write_bytes(out.getvalue())
    return path


@pytest.mark.usefixtures("torch_names")
def test_tensors_are_read_from_their_storages(tmp_path: Path) -> None:
    storages = {"a": np.arange(8, dtype=np.float32), "b": np.array([5, 6], np.float32)}
    tensors = OrderedDict([("first", Tensor("a", (2, 3), 1)), ("second", Tensor("b", (2,)))])
    weights = read_weights(file_of(tmp_path / "weights", {"model_state": tensors}, storages))
    assert weights["first"].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert weights["second"].tolist() == [5, 6]


class Command:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "made"
    path = file_of(tmp_path / "weights", {"model_state": Command(made)}, {})
    with pytest.raises(EngineUnavailable, match="is no tensor"):
        read_weights(path)
    assert not made.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pickle.dumps(1) * 5])
def test_another_kind_of_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "weights").write_bytes(content)
    with pytest.raises(EngineUnavailable, match="likeness models verify"):
        read_weights(tmp_path / "weights")


def test_the_graph_computes_three_layers_and_a_unit_vector() -> None:
    weights = random_weights()
    session: Any = onnxruntime.InferenceSession(encoder_graph(weights), providers=["CPUExecutionProvider"])
    mel = RANDOM.normal(0, 1, (2, 7, 40)).astype(np.float32)
    (voices,) = session.run(None, {"mel": mel})
    assert voices.shape == (2, 256)
    for frames, voice in zip(mel, voices, strict=True):
        states = frames
        for layer in range(3):
            states = lstm(states, weights, layer)
        raw = np.maximum(0, weights["linear.weight"] @ states[-1] + weights["linear.bias"])
        assert voice == pytest.approx(raw / np.linalg.norm(raw), abs=1e-5)


def random_weights() -> dict[str, NDArray[np.float32]]:
    shapes: dict[str, tuple[int, ...]] = {"linear.weight": (256, HIDDEN), "linear.bias": (256,)}
    for layer in range(3):
        shapes |= {
            f"lstm.weight_ih_l{layer}": (4 * HIDDEN, HIDDEN if layer else 40),
            f"lstm.weight_hh_l{layer}": (4 * HIDDEN, HIDDEN),
            f"lstm.bias_ih_l{layer}": (4 * HIDDEN,),
            f"lstm.bias_hh_l{layer}": (4 * HIDDEN,),
        }
    return {name: RANDOM.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


def lstm(
    inputs: NDArray[np.float32], weights: dict[str, NDArray[np.float32]], layer: int
) -> NDArray[np.float32]:
    """Returns the states of a layer as PyTorch defines it."""

    def sigmoid(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(1 / (1 + np.exp(-values)), np.float32)

    state, cell, states = np.zeros(HIDDEN, np.float32), np.zeros(HIDDEN, np.float32), list[Any]()
    for each in inputs:
        gates = weights[f"lstm.weight_ih_l{layer}"] @ each + weights[f"lstm.bias_ih_l{layer}"]
        gates = gates + weights[f"lstm.weight_hh_l{layer}"] @ state + weights[f"lstm.bias_hh_l{layer}"]
        taken, kept, new, shown = np.split(gates, 4)
        cell = sigmoid(kept) * cell + sigmoid(taken) * np.tanh(new)
        state = sigmoid(shown) * np.tanh(cell)
        states.append(state)
    return np.stack(states).astype(np.float32)


@pytest.mark.parametrize(
    ("seconds", "starts"),
    [(0.2, [0]), (1.6, [0]), (1.9, [0]), (2.2, [0, 77]), (3.2, [0, 77, 154]), (2.36, [0, 77])],
)
def test_windows_overlap_and_hold_speech(seconds: float, starts: list[int]) -> None:
    assert window_starts(round(seconds * 16_000)) == starts
