"""Tests that endpoints, commands, options, targets and settings that pages mention in passing exist."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from services.cli.app import build_app as build_cli
from tests.unit.docs.api_paths import operation_of
from tests.unit.docs.pages import CODE_SPAN, DOCS, FENCE, ROOT, all_pages

HISTORY = ("CHANGELOG.md", "docs/adr")
PAGES = [page for page in all_pages() if not str(page.relative_to(ROOT)).startswith(HISTORY)]
ENDPOINT = re.compile(r"(GET|POST|PUT|PATCH|DELETE) (/v\d/[^\s?`]+)")
SETTINGS = DOCS / "reference/settings.md"


def spans_of(page: Path) -> Iterator[str]:
    for span in CODE_SPAN.findall(FENCE.sub("", page.read_text())):
        yield span.strip("`")


@cache
def command_line() -> dict[str, frozenset[str]]:
    """Returns the options of each command; those of a group's commands are the group's."""
    root: Any = build_cli()
    return {name: frozenset(options(command)) for name, command in root.commands.items()}


def options(command: Any) -> Iterator[str]:
    for parameter in command.params:
        yield from (*parameter.opts, *parameter.secondary_opts)
    for inner in getattr(command, "commands", {}).values():
        yield from options(inner)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_the_page_mentions_exists(page: Path):
    known_options = {name for known in command_line().values() for name in known} | {"--help"}
    for span in spans_of(page):
        for method, path in ENDPOINT.findall(span):
            if "…" not in path.replace("_…", ""):
                operation_of(method.lower(), path.rstrip("`,.;"))
        words = span.split()
        if words[:1] == ["likeness"] and len(words) > 1 and words[1].islower() and words[1].isalpha():
            assert words[1] in command_line(), span
            given = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert given <= command_line()[words[1]], span
        elif words and words[0].startswith("--") and page.is_relative_to(DOCS / "how-to"):
            assert words[0].partition("=")[0] in known_options, span
        if words[:1] == ["make"] and len(words) > 1 and "=" not in words[1]:
            makefile = (ROOT / "Makefile").read_text()
            assert re.search(rf"^{re.escape(words[1])}\b.*:(?!=)", makefile, re.MULTILINE), span
        for name in re.findall(r"LIKENESS_[A-Z0-9_]+", span):
            assert name in SETTINGS.read_text(), span
