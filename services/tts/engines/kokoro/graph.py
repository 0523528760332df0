"""Cuts the model between its prosody and its sound, so that the melody can be changed in between."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.tts.engines.neural.graph import take_a_rate_for_each_sign

# onnx has types for a part of what it builds from.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

DURATIONS = "/encoder/Clip_output_0"
SPEECH, PITCH, ENERGY = (
    "/encoder/MatMul_1_output_0",
    "/encoder/Squeeze_output_0",
    "/encoder/Squeeze_1_output_0",
)
TOKENS, STYLE, SPEED, AUDIO = "tokens", "style", "speed", "audio"


@dataclass(frozen=True, slots=True)
class Halves:
    """Serialized models. `prosody` turns signs into `DURATIONS`, `SPEECH`, `PITCH` and `ENERGY`, `sound` the
    last three into `AUDIO`; both take `STYLE`. `SPEED` has a factor for each sign."""

    prosody: bytes
    sound: bytes


def halves(path: Path) -> Halves:
    """Returns the model of a file in two. Together they compute what it computes."""
    import onnx

    model = onnx.load(str(path))
    take_a_rate_for_each_sign(model, SPEED)
    between = (SPEECH, PITCH, ENERGY)
    return Halves(
        prosody=_part(model, (TOKENS, STYLE, SPEED), (DURATIONS, *between)),
        sound=_part(model, (*between, STYLE), (AUDIO,)),
    )


def _part(model: Any, inputs: Sequence[str], outputs: Sequence[str]) -> bytes:
    """Returns the part of a model that computes `outputs` from `inputs`, serialized."""
    from onnx import TensorProto, helper

    nodes = _needed(model.graph.node, inputs, outputs)
    used = {name for node in nodes for name in node.input}
    known = {each.name: each for each in (*model.graph.input, *model.graph.output)}

    def described(name: str) -> Any:
        return known.get(name) or helper.make_tensor_value_info(name, TensorProto.FLOAT, None)

    graph = helper.make_graph(
        nodes,
        "part",
        [described(name) for name in inputs],
        [described(name) for name in outputs],
        [each for each in model.graph.initializer if each.name in used],
    )
    return helper.make_model(
        graph, opset_imports=model.opset_import, ir_version=model.ir_version
    ).SerializeToString()


def _needed(nodes: Sequence[Any], inputs: Collection[str], outputs: Sequence[str]) -> list[Any]:
    """Returns the nodes, in order, on the way from `inputs` to `outputs`."""
    wanted, found = set(outputs), list[Any]()
    for node in reversed(nodes):
        if any(name in wanted and name not in inputs for name in node.output):
            found.append(node)
            wanted.update(node.input)
    return found[::-1]
