"""Statements of SQL files: how they are loaded, combined and described."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.gateway.db.sql import combined, load_queries

FOLDER = Path(__file__).parents[4] / "services/gateway"
MODULES = sorted(
    ".".join(path.relative_to(FOLDER.parents[1]).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if "load_queries(" in path.read_text() and path.name != "sql.py"
)


def described_statements() -> Iterator[tuple[str, str, str]]:
    """Yields file and name of each statement, its comments as one line, and its SQL."""
    for path in sorted(FOLDER.rglob("*.sql")):
        if "migrations" in path.parts:
            continue
        for block in path.read_text().split("-- name: ")[1:]:
            name, *lines = block.strip().splitlines()
            comments = [line.removeprefix("--").strip() for line in lines if line.startswith("--")]
            sql = [line for line in lines if not line.startswith("--")]
            place = f"{path.relative_to(FOLDER)}: {name}"
            yield place, " ".join(comments), "\n".join(sql)


STATEMENTS = {place: (description, sql) for place, description, sql in described_statements()}


def test_a_statement_is_the_text_below_its_name():
    queries = load_queries("services.gateway.accounts")
    assert queries["ensure_workspace"].startswith("INSERT INTO workspaces")
    assert not any("-- name:" in statement for statement in queries.values())


@pytest.mark.parametrize("module", MODULES)
def test_every_used_statement_exists_and_every_statement_is_used(module: str):
    loaded = importlib.import_module(module)
    text = Path(loaded.__file__ or "").read_text()
    assert set(re.findall(r'SQL\["(\w+)"\]', text)) <= set(loaded.SQL) <= set(re.findall(r'"(\w+)"', text))
    assert all(loaded.SQL.values())


def test_several_statements_are_combined_with_the_parameters_of_all():
    tables = {"first": "SELECT $2, $1", "second": "SELECT 1", "third": "SELECT $1 FROM first"}
    together = combined(tables, "SELECT * FROM third")
    assert " ".join(together.split()) == (
        "WITH first AS ( SELECT $2, $1 ), second AS ( SELECT 1 ), third AS ( SELECT $3 FROM first ) "
        "SELECT * FROM third"
    )


def test_comments_of_the_file_are_not_sent_to_the_database():
    for module in MODULES:
        for statement in importlib.import_module(module).SQL.values():
            assert "--" not in statement


@pytest.mark.parametrize("place", STATEMENTS)
def test_every_statement_says_what_it_does_and_names_its_parameters(place: str):
    description, sql = STATEMENTS[place]
    purpose, _, parameters = description.partition("Parameters: ")
    assert re.fullmatch(r"[A-Z][a-z]+s [^$]+\. ?", purpose)
    names = parameters.removesuffix(".").split(", ") if parameters else []
    assert all(re.fullmatch(r"[a-z0-9_]+", name) for name in names)
    assert len(set(names)) == len(names)
    assert {int(number) for number in re.findall(r"\$(\d+)", sql)} == set(range(1, len(names) + 1))
