"""Output that can be copied or piped: never cut, wrapped or taken for markup."""

from rich.console import Console

# Rich fits a table into its console, and takes 80 columns where there is no terminal.
WIDER_THAN_ANY_TABLE = 10_000


def whole_console() -> Console:
    return Console(width=WIDER_THAN_ANY_TABLE, highlight=False, markup=False)
