"""Prints a list as a table or as JSON."""

import json
from typing import Any


def show(found: list[dict[str, Any]], columns: list[str], rows: list[list[str]], as_json: bool) -> None:
    """Prints the rows under their columns, or the objects themselves as JSON."""
    if as_json:
        print(json.dumps(found, indent=2))
        return
    from rich.table import Table

    from services.cli.commands.whole_console import whole_console

    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    whole_console().print(table)
