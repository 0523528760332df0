"""Help texts: every command has one, nothing in it is lost, and its examples can be run."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest

from services.cli.app import COMMANDS, build_app
from services.cli.commands.examples import EXAMPLES

APP = build_app()
WIDTH = 200


def commands_below(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    yield path, group
    for name, command in getattr(group, "commands", {}).items():
        yield from commands_below(command, f"{path} {name}".strip())


ALL = dict(commands_below(APP))
every_command = pytest.mark.parametrize("path", ALL)


def help_of(path: str) -> str:
    with ALL[path].make_context(f"likeness {path}".strip(), [], resilient_parsing=True) as context:
        context.terminal_width = WIDTH
        return ALL[path].get_help(context)


def words(text: str) -> str:
    return " ".join(text.split())


def test_all_commands_are_walked_over():
    assert {name for commands in COMMANDS.values() for name in commands} < set(ALL)
    assert {"effects add", "avatars create", "batches results"} < set(ALL)


@every_command
def test_the_help_has_the_whole_description_and_every_parameter(path: str):
    shown = words(help_of(path))
    assert words(ALL[path].help) in shown
    for parameter in ALL[path].params:
        assert parameter.help, f"{parameter.name} of {path!r} has no help"
        assert words(parameter.help) in shown
        assert all(f"{name} " in shown or f"{name}," in shown for name in parameter.opts if name[0] == "-")


def test_brackets_survive():
    assert "until the script says [another]." in words(help_of("render"))
    assert '"[happy] It works!"' in help_of("speak")
    with_brackets = [text for text in map(help_of, ALL) if "[happy]" in text or "[another]" in text]
    assert len(with_brackets) >= 2


@every_command
def test_the_help_ends_with_examples_of_the_command(path: str):
    examples = EXAMPLES[path]
    shown = help_of(path).rstrip().splitlines()
    assert [line.strip() for line in shown[-len(examples) :]] == list(examples)
    assert all(example.startswith("likeness") for example in examples)


@pytest.mark.parametrize("example", [line for lines in EXAMPLES.values() for line in lines])
def test_the_options_of_an_example_are_those_of_its_command(example: str):
    arguments = shlex.split(re.split(r" [|<>] ", example)[0])[1:]
    command, path = APP, ""
    while arguments and (found := getattr(command, "commands", {}).get(arguments[0])):
        path, command = f"{path} {arguments.pop(0)}", found
    assert path
    command.make_context(path, arguments)


def test_the_list_of_commands_cuts_no_description():
    shown = words(help_of(""))
    for path, command in ALL.items():
        if path and " " not in path:
            first = re.split(r"\.\s", words(command.help) + " ")[0]
            assert f"{path} {first}" in shown


def likeness(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "services.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_version_is_that_of_the_package():
    done = likeness("--version")
    python = ".".join(map(str, sys.version_info[:3]))
    assert (done.returncode, done.stdout) == (0, f"likeness {version('likeness')} (Python {python})\n")


@pytest.mark.parametrize(
    ("arguments", "suggestion"), [(("doctr",), "doctor"), (("avatars", "crate"), "create")]
)
def test_a_misspelled_command_suggests_the_nearest(arguments: tuple[str, ...], suggestion: str):
    done = likeness(*arguments)
    assert done.returncode == 2
    assert f"Did you mean '{suggestion}'?" in done.stderr
