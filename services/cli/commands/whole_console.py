"""Builds a console whose output can be copied or piped: never cut, wrapped or taken for markup."""

from rich.console import Console

# Rich fits a table into its console, and assumes 80 columns without a terminal. No table is as wide as this.
WIDTH = 10_000


def whole_console() -> Console:
    return Console(width=WIDTH, highlight=False, markup=False)
