"""Commands with subcommands: the steps that they parse, and the options that they refuse."""

from typing import Any

import pytest

from services.cli.app import build_app
from services.cli.commands.effects import step_of
from services.cli.errors import UsageError


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("radio", "radio"),
        ("robot:", {"effect": "robot", "amounts": {}}),
        (
            "echo:delay_seconds=0.2,gain_db=-6",
            {"effect": "echo", "amounts": {"delay_seconds": 0.2, "gain_db": -6}},
        ),
    ],
)
def test_a_step_is_parsed_as_a_name_or_an_effect_with_amounts(text: str, step: Any) -> None:
    assert step_of(text) == step


@pytest.mark.parametrize("text", ["pitch:semitones", "pitch:semitones=up", "pitch:=,"])
def test_an_amount_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no step such as"):
        step_of(text)


@pytest.mark.parametrize(
    "command",
    [
        ["effects", "--url", "http://x", "remove", "a"],
        ["lexicon", "--json", "add", "a"],
        ["voices", "--preview", "heart", "delete", "a"],
    ],
)
def test_an_option_before_a_subcommand_is_refused(command: list[str]) -> None:
    with pytest.raises(UsageError, match=r"behind `(remove|add|delete)`"):
        build_app()(command, standalone_mode=False)
