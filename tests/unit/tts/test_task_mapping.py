import pytest

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.errors import InvalidArgument
from services.chassis.text.markup import Markup
from services.tts.task_mapping import script_task_from


@pytest.mark.parametrize(
    ("name", "markup"), [("", Markup.AUTO), ("auto", Markup.AUTO), ("plain", Markup.PLAIN)]
)
def test_a_task_names_its_markup(name: str, markup: Markup) -> None:
    assert script_task_from(SynthesisTask(text="x", markup=name)).markup is markup


def test_an_unknown_markup_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidArgument, match="auto, plain"):
        script_task_from(SynthesisTask(text="x", markup="html"))
