"""Loads and combines SQL statements, which stand in files beside the repositories under `-- name: …`."""

import re
from collections.abc import Mapping
from importlib.resources import files

_PARAMETER = re.compile(r"\$(\d+)")
_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)
_COMMENT = re.compile(r"^\s*--.*\n?", re.MULTILINE)


def load_queries(package: str, filename: str = "queries.sql") -> dict[str, str]:
    """Returns the statements of a file by name, without lines that are comments.

    Comments are for readers of the file: PostgreSQL would parse them with every statement that is prepared.
    Raises KeyError at use, not at load, for a name that is not there.
    """
    text = files(package).joinpath(filename).read_text()
    parts = _NAME.split(text)[1:]
    return {name: _COMMENT.sub("", body).strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}


def combined(tables: Mapping[str, str], select: str) -> str:
    """Returns one statement of several: each is a table under its name, for those after it and for the last
    one.

    Each counts its parameters from `$1`; all together they take them one after another. `select` has none.
    """
    taken = 0
    parts: list[str] = []
    for name, statement in tables.items():
        numbers = [int(number) for number in _PARAMETER.findall(statement)]
        shifted = _PARAMETER.sub(lambda match, by=taken: f"${int(match[1]) + by}", statement)
        parts.append(f"{name} AS (\n{shifted}\n)")
        taken += max(numbers, default=0)
    return f"WITH {', '.join(parts)}\n{select}"
