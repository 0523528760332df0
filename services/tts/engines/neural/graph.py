"""Opens ONNX models of speech with what their files keep inside: durations out, a rate for each sign in."""

from pathlib import Path
from typing import Any

# onnx has types for a part of what it builds from.
# pyright: reportUnknownMemberType=false


def instrumented(path: Path, *, durations: str, rates: str) -> bytes:
    """Returns the serialized model with the tensor `durations` as its last output.

    Its input `rates`, one factor for the whole text, becomes one for each sign, of shape (signs,): such
    models divide the durations by it. Nothing else changes.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(str(path))
    model.graph.output.append(helper.make_tensor_value_info(durations, TensorProto.FLOAT, None))
    take_a_rate_for_each_sign(model, rates)
    return model.SerializeToString()


def take_a_rate_for_each_sign(model: Any, rates: str) -> None:
    """Gives the input `rates` of a `ModelProto` the shape (signs,); it had one value for the whole text."""
    (given,) = [each for each in model.graph.input if each.name == rates]
    given.type.tensor_type.shape.dim[0].dim_param = "signs"
