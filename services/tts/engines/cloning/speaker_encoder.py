"""Tells how alike two voices are: the GE2E speaker encoder of Resemblyzer, in onnxruntime."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.chassis.models.cache import model_folder
from services.tts.engines.cloning.encoder_weights import read_weights
from services.tts.engines.cloning.mel import BANDS, HOP, mel_spectrogram

# onnx and onnxruntime have types for a part of what is used here, or none.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

MODEL = "speaker-encoder"
WINDOW_SECONDS = 1.6
_WINDOW_FRAMES, _STEP_FRAMES = 160, 77
_MIN_COVERED = 0.75
"""Share of a window that the last one has to have of the recording."""
_LEVEL = 10 ** (-30 / 20)
"""RMS to which a softer recording is raised."""
_LAYERS, _HIDDEN, _VALUES = 3, 256, 256

Embedding = NDArray[np.float64]
"""A voice as a vector of length 1, shape (256,); the product of two is their cosine."""


class SpeakerEncoder:
    """The open model, on one thread."""

    def __init__(self) -> None:
        """Loads the model. Raises `ModelMissing`."""
        import onnxruntime

        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        weights = read_weights(model_folder(MODEL) / "pretrained.pt")
        self._session: Any = onnxruntime.InferenceSession(
            encoder_graph(weights), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, samples: NDArray[np.float32]) -> Embedding:
        """Returns the voice in mono samples at 16 kHz without long pauses, shape (n,)."""
        return normalised(self.windows(samples).mean(axis=0))

    def windows(self, samples: NDArray[np.float32]) -> NDArray[np.float64]:
        """Returns the voice in windows of 1.6 s, which overlap by half, shape (windows, 256)."""
        loudness = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
        raised = samples * np.float32(max(1.0, _LEVEL / max(loudness, 1e-6)))
        starts = window_starts(len(samples))
        missing = (starts[-1] + _WINDOW_FRAMES) * HOP - len(raised)
        mel = mel_spectrogram(np.pad(raised, (0, max(0, missing))))
        windows = np.stack([mel[start : start + _WINDOW_FRAMES] for start in starts])
        return self._session.run(None, {"mel": windows})[0].astype(np.float64)


def normalised(vector: Embedding) -> Embedding:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def window_starts(samples: int) -> list[int]:
    """Returns the frames at which the windows begin; there is at least one."""
    frames = -(-(samples + 1) // HOP)
    starts = list(range(0, max(1, frames - _WINDOW_FRAMES + _STEP_FRAMES + 1), _STEP_FRAMES))
    covered = (samples / HOP - starts[-1]) / _WINDOW_FRAMES
    return starts[:-1] if covered < _MIN_COVERED and len(starts) > 1 else starts


def encoder_graph(weights: Mapping[str, NDArray[np.float32]]) -> bytes:
    """Returns the model, serialized: three LSTM layers, and a linear one on the last state of the third.

    Its input `mel` is of shape (windows, frames, 40), its output `voice` of shape (windows, 256).
    """
    from onnx import TensorProto, helper, numpy_helper

    values = dict(chain.from_iterable(_lstm_values(weights, layer).items() for layer in range(_LAYERS)))
    values |= {"linear.weight": weights["linear.weight"], "linear.bias": weights["linear.bias"]}
    values |= {"first": np.array([0], np.int64), "second": np.array([1], np.int64)}
    nodes = [helper.make_node("Transpose", ["mel"], ["x0"], perm=[1, 0, 2])]
    for layer in range(_LAYERS):
        inputs = [f"x{layer}", f"W{layer}", f"R{layer}", f"B{layer}"]
        nodes += [
            helper.make_node("LSTM", inputs, [f"y{layer}", f"h{layer}"], hidden_size=_HIDDEN),
            helper.make_node("Squeeze", [f"y{layer}", "second"], [f"x{layer + 1}"]),
        ]
    nodes += [
        helper.make_node("Squeeze", [f"h{_LAYERS - 1}", "first"], ["state"]),
        helper.make_node("Gemm", ["state", "linear.weight", "linear.bias"], ["raw"], transB=1),
        helper.make_node("Relu", ["raw"], ["positive"]),
        helper.make_node("LpNormalization", ["positive"], ["voice"], axis=1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "speaker_encoder",
        [helper.make_tensor_value_info("mel", TensorProto.FLOAT, ["windows", "frames", BANDS])],
        [helper.make_tensor_value_info("voice", TensorProto.FLOAT, ["windows", _VALUES])],
        [numpy_helper.from_array(np.ascontiguousarray(each), name) for name, each in values.items()],
    )
    return helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8
    ).SerializeToString()


def _lstm_values(weights: Mapping[str, NDArray[np.float32]], layer: int) -> dict[str, NDArray[Any]]:
    def gates(name: str) -> NDArray[np.float32]:
        """Returns the gates in ONNX's order; PyTorch's is input, forget, cell, output."""
        in_, forget, cell, out = np.split(weights[f"lstm.{name}_l{layer}"], 4)
        return np.concatenate([in_, out, forget, cell])

    return {
        f"W{layer}": gates("weight_ih")[np.newaxis],
        f"R{layer}": gates("weight_hh")[np.newaxis],
        f"B{layer}": np.concatenate([gates("bias_ih"), gates("bias_hh")])[np.newaxis],
    }
