"""Tests that docs/reference/cli.md lists the commands of `likeness` with their arguments and options."""

import re
from collections.abc import Iterator
from typing import Any

from services.cli.app import build_app
from tests.unit.docs.pages import DOCS, rows_of, section

PAGE = (DOCS / "reference/cli.md").read_text()
SHARED_OPTIONS = {"--url", "--api-key", "--data", "--help"}
"""Options that the page describes once."""


def commands_below(group: Any, path: str = "likeness") -> Iterator[tuple[str, Any]]:
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands_below(command, f"{path} {name}")


def usage(path: str, command: Any) -> str:
    """Returns the command with its arguments, as the page writes it."""
    arguments = (each for each in command.params if each.param_type_name == "argument")
    return " ".join([path, *(f"{each.metavar}{'…' if each.nargs < 0 else ''}" for each in arguments)])


def options_of(command: Any) -> set[str]:
    options = (each for each in command.params if each.param_type_name == "option")
    return {max(option.opts, key=len) for option in options} - SHARED_OPTIONS


def test_the_page_lists_the_commands_of_the_code_with_their_options_and_no_others():
    listed = {
        cells[0].strip("`"): set(re.findall(r"`(--[\w-]+)`", cells[2]))
        for cells in rows_of(section(PAGE, "Commands"))
    }
    assert listed == {
        usage(path, command): options_of(command) for path, command in commands_below(build_app())
    }
