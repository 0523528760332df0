"""SQL stands in files beside the repositories, each statement under `-- name: …`."""

import re
from importlib.resources import files

_NAME = re.compile(r"^-- name: (\w+)\s*$", re.MULTILINE)


def load_queries(package: str, filename: str = "queries.sql") -> dict[str, str]:
    """Statements by name. Raises KeyError at use, not at load, for a name that is not there."""
    text = files(package).joinpath(filename).read_text()
    parts = _NAME.split(text)[1:]
    return {name: body.strip() for name, body in zip(parts[::2], parts[1::2], strict=True)}
