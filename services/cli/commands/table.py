"""Prints a list as a table or as JSON."""

import json
import sys
from collections.abc import Iterator
from typing import Any


def show(found: list[dict[str, Any]], columns: list[str], rows: list[list[str]], as_json: bool) -> None:
    """Prints the rows under their columns, or the objects themselves as JSON."""
    if as_json:
        print(json.dumps(found, indent=2))
    else:
        print_table(columns, rows)


def print_table(columns: list[str], rows: list[list[str]], *, stderr: bool = False) -> None:
    """Prints rows under their columns, none of them cut or wrapped."""
    for line in table_lines(columns, rows):
        print(line, file=sys.stderr if stderr else sys.stdout)


def table_lines(columns: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Yields the columns' names and the rows, aligned, without spaces at the ends of lines."""
    from rich.cells import cell_len

    table = [columns, *rows]
    widths = [max(cell_len(cell) for cell in column) for column in zip(*table, strict=True)]
    for row in table:
        cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
