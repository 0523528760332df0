import importlib
import re
from pathlib import Path

import pytest

from services.gateway.db.sql import combined, load_queries

FOLDER = Path(__file__).parents[4] / "services/gateway"
MODULES = sorted(
    ".".join(path.relative_to(FOLDER.parents[1]).with_suffix("").parts)
    for path in FOLDER.rglob("*.py")
    if "load_queries(" in path.read_text() and path.name != "sql.py"
)


def test_a_statement_is_what_stands_below_its_name():
    queries = load_queries("services.gateway.accounts")
    assert queries["ensure_workspace"].startswith("INSERT INTO workspaces")
    assert not any("-- name:" in statement for statement in queries.values())


@pytest.mark.parametrize("module", MODULES)
def test_every_statement_is_there_and_every_one_is_used(module: str):
    loaded = importlib.import_module(module)
    text = Path(loaded.__file__ or "").read_text()
    assert set(re.findall(r'SQL\["(\w+)"\]', text)) <= set(loaded.SQL) <= set(re.findall(r'"(\w+)"', text))
    assert all(loaded.SQL.values())


def test_several_statements_become_one_with_the_parameters_of_all():
    tables = {"first": "SELECT $2, $1", "second": "SELECT 1", "third": "SELECT $1 FROM first"}
    together = combined(tables, "SELECT * FROM third")
    assert " ".join(together.split()) == (
        "WITH first AS ( SELECT $2, $1 ), second AS ( SELECT 1 ), third AS ( SELECT $3 FROM first ) "
        "SELECT * FROM third"
    )
