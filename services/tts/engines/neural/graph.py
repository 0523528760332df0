"""Opens ONNX models of speech with what their files keep inside: durations out, a rate for each sign in."""

from pathlib import Path

TOKENS = "tokens"


def instrumented(path: Path, *, durations: str, rates: str) -> bytes:
    """Returns the serialized model with the tensor `durations` as its last output.

    Its input `rates`, one factor for the whole text, becomes one for each sign, of shape (signs,): such
    models divide the durations by it. Nothing else changes.
    """
    import onnx
    from onnx import TensorProto, helper

    model = onnx.load(str(path))  # pyright: ignore[reportUnknownMemberType] - one of its types is open
    model.graph.output.append(helper.make_tensor_value_info(durations, TensorProto.FLOAT, None))
    (given,) = [each for each in model.graph.input if each.name == rates]
    given.type.tensor_type.shape.dim[0].dim_param = TOKENS
    return model.SerializeToString()
