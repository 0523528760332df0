"""Tests that the examples of the pages can work: commands, options, endpoints, bodies and files exist."""

import json
import os
import re
import subprocess
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from services.cli.app import build_app as build_cli
from services.cli.batches.lines import file_fields, path_of, read_lines
from services.gateway.batches.lines import BatchLine
from services.gateway.http.errors import ErrorDetail
from services.gateway.jobs.views.estimate import EstimateObject
from services.gateway.kinds import load_kinds
from tests.described_api import openapi
from tests.unit.docs.api_paths import operation_of
from tests.unit.docs.examples import PAGES, Command, commands_of
from tests.unit.docs.pages import DOCS, ROOT

COMMANDS = [command for page in PAGES for command in commands_of(page)]
LIKENESS = ("likeness", ".venv/bin/likeness")
MADE_BY_MAKE = {"demo": "out/demo.mp4"}
KINDS = {kind.url: kind for kind in load_kinds()}
FILE = re.compile(r"@?([\w./-]+\.(?:jpg|png|wav|txt|json|jsonl|ya?ml|mp4|webm|lock))")
FOLDER = re.compile(r"(?:deploy|examples|requirements|scripts|tests)/[\w./-]+")
JSON_BLOCK = re.compile(r"^```json\n(.*?)^```", re.MULTILINE | re.DOTALL)


def of(*programs: str) -> list[Command]:
    return [command for command in COMMANDS if command.words[0] in programs]


def test_every_program_is_checked():
    checked = {*LIKENESS, "curl", "make", "export", "cat", "cp", "mkdir", "docker", "kubectl", "for", "done"}
    assert {command.words[0] for command in COMMANDS} <= checked | {".venv/bin/python"}


@pytest.mark.parametrize("command", of(*LIKENESS), ids=str)
def test_the_command_line_has_the_command_and_its_options(command: Command, monkeypatch: pytest.MonkeyPatch):
    """Parses the words as the command line does, and runs nothing."""
    monkeypatch.chdir(ROOT)
    current: Any = build_cli()
    words, context = list(command.words[1:]), None
    while hasattr(current, "resolve_command"):
        context = current.make_context(current.name, words, parent=context)
        rest = [*context._protected_args, *context.args]  # pyright: ignore[reportPrivateUsage]
        if not rest:
            assert current.invoke_without_command or current.no_args_is_help
            return
        _, current, words = current.resolve_command(context, rest)
    current.make_context(current.name, words, parent=context)


@pytest.mark.parametrize("command", of("make"), ids=str)
def test_make_has_the_target_and_its_variables(command: Command):
    text = (ROOT / "Makefile").read_text()
    for word in command.words[1:]:
        name, assigned, _ = word.partition("=")
        assert f"$({name})" in text if assigned else re.search(rf"^{name}\b.*:(?!=)", text, re.MULTILINE), (
            word
        )


@pytest.mark.parametrize("command", of("curl"), ids=str)
def test_the_api_has_the_endpoint_and_takes_the_body(command: Command):
    words = list(command.words[1:])
    form = {words[n + 1].partition("=")[0] for n, word in enumerate(words) if word == "-F"}
    data = next((words[n + 1] for n, word in enumerate(words) if word == "-d"), None)
    method = words[words.index("-X") + 1] if "-X" in words else "POST" if form or data else "GET"
    (url,) = [word for word in words if word.startswith("$LIKENESS_URL/")]
    path = url.removeprefix("$LIKENESS_URL")
    content = operation_of(method.lower(), path).get("requestBody", {}).get("content", {})
    if data is not None:
        model_of(path, content["application/json"]).model_validate(json.loads(data))
    if form:
        schema = resolved(content["multipart/form-data"]["schema"])
        kind = KINDS.get(path)
        assert form <= set(schema.get("properties", ())) | set(kind.request.model_fields if kind else ())


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    return openapi()["components"]["schemas"][name] if name else schema


def model_of(path: str, content: dict[str, Any]) -> type[BaseModel]:
    """Returns the model of a JSON body; that of a remix is its kind's."""
    for url, kind in KINDS.items():
        if path == url or (path.startswith(f"{url}/") and path.endswith("/remix")):
            return kind.request
    name = content["schema"]["$ref"].rpartition("/")[2]
    return next(model for model in models(BaseModel) if model.__name__ == name)


def models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for model in base.__subclasses__():
        yield model
        yield from models(model)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_are_shipped_or_made_by_an_earlier_example(page: Any):
    made: set[str] = set()
    for command in commands_of(page):
        words = command.words
        targets = written_by(words, (">", "-o", "--results"))
        targets |= {words[-1]} if words[0] == "cp" else set()
        named = {match[1] for word in words if (match := FILE.fullmatch(word.rpartition("=")[2]))}
        named |= {word for word in words if FOLDER.fullmatch(word)}
        assert {name for name in named - targets - made if not shipped(name)} == set(), command
        made |= targets
        if words[0] == "make":
            made |= {MADE_BY_MAKE[word] for word in words if word in MADE_BY_MAKE}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_folders_of_written_files_are_shipped_or_made_by_an_earlier_example(page: Path):
    """The command line and `make` create the folders of what they write; the shell and curl do not."""
    there = {"."}
    for command in commands_of(page):
        words = command.words
        if words[0] == "mkdir":
            there |= set(words[1:])
        operators = (">", "-o") if words[0] == "curl" else (">",)
        needed = {str(Path(name).parent) for name in written_by(words, operators)}
        assert {folder for folder in needed - there if not shipped(folder)} == set(), command
        there |= {str(Path(name).parent) for name in written_by(words, (">", "-o", "--results"))}
        if words[0] == "make":
            there |= {str(Path(MADE_BY_MAKE[word]).parent) for word in words if word in MADE_BY_MAKE}


def written_by(words: Sequence[str], operators: Collection[str]) -> set[str]:
    """Returns the names that follow one of the operators."""
    return {words[n + 1] for n, word in enumerate(words[:-1]) if word in operators}


def shipped(name: str) -> bool:
    """Returns whether a clone has the file, or files in the folder."""
    return any(file == name or file.startswith(f"{name.rstrip('/')}/") for file in clone())


@cache
def clone() -> frozenset[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(listed.splitlines())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_requests_and_answers_in_json_are_valid(page: Any):
    for block in JSON_BLOCK.findall(page.read_text()):
        value = json.loads(block)
        model = EstimateObject if value.get("object") == "estimate" else KINDS["/v1/videos"].request
        model.model_validate(value)


@pytest.mark.parametrize("command", of("cat"), ids=str)
def test_lines_of_a_batch_are_valid(command: Command):
    for line in command.document.splitlines():
        read = BatchLine.model_validate_json(line)
        KINDS[read.url].request.model_validate(json.loads(line)["body"])


def batches_for_the_command_line() -> list[Command]:
    """Returns the commands that write a batch for `likeness batch`, which uploads files by their paths."""
    sent = {word for command in of(*LIKENESS) if command.words[1] == "batch" for word in command.words}
    return [command for command in of("cat") if sent.intersection(written_by(command.words, (">",)))]


@pytest.mark.parametrize("command", batches_for_the_command_line(), ids=str)
def test_files_that_lines_of_a_batch_name_are_shipped(command: Command):
    (written,) = written_by(command.words, (">",))
    assert "asset_…" not in command.document
    for line in read_lines(command.document.encode()):
        for field in file_fields(line):
            assert shipped(os.path.normpath(path_of(field, Path(written).parent))), field


def test_the_errors_of_a_batch_have_the_fields_that_the_page_names():
    text = " ".join((DOCS / "how-to/batches.md").read_text().split())
    (listed,) = re.findall(r"the answer lists up to 50 of the errors with (.+?)\.", text)
    assert set(re.findall(r"`(\w+)`", listed)) == set(ErrorDetail.model_fields)
