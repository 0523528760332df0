"""Options that several commands share."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.errors import UsageError

if TYPE_CHECKING:
    from services.cli.stack.data_folder import DataFolder

DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; by default in the user's data directory.", metavar="DIR"),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For machines: JSON on stdout and nothing else.")]
UrlOption = Annotated[
    str | None,
    typer.Option("--url", envvar="LIKENESS_URL", help="A running gateway; by default the local stack."),
]
ApiKeyOption = Annotated[
    str | None,
    typer.Option("--api-key", envvar="LIKENESS_API_KEY", help="Its key; of the local stack, it is known."),
]


def data_root(data: Path | None) -> Path:
    """Absolute, so that it names the same folder for every child."""
    if data is not None:
        return data.expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("likeness", appauthor=False))


def data_folder(data: Path | None) -> "DataFolder":
    from services.cli.stack.data_folder import DataFolder

    return DataFolder(data_root(data), named=data is not None)


def refuse_options_before_subcommand(context: typer.Context) -> None:
    """They would be lost. Raises UsageError."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(f"Give the options behind `{context.invoked_subcommand}`.")
