"""Defines `likeness --version`."""

from typing import Annotated

import typer


def print_version(wanted: bool) -> None:
    """Prints the version of the package and of Python, and ends the command, if it is wanted."""
    if not wanted:
        return
    import platform
    from importlib.metadata import version

    print(f"likeness {version('likeness')} (Python {platform.python_version()})")
    raise typer.Exit


def common(
    _version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Turn a script and a portrait into a talking video.

    Without --url or LIKENESS_URL, the commands talk to the stack that `likeness up` has started here.

    Exit status: 0 done, 1 the job or the server has failed, 2 wrong usage, 130 interrupted.
    """
