"""Defines the options that several commands share, and reads the data folder from them."""

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
LimitOption = Annotated[int, typer.Option("--limit", min=1, help="Show at most so many.")]
MetadataOption = Annotated[
    list[str] | None,
    typer.Option("--metadata", metavar="KEY=VALUE", help="Pairs of your own; give it again for more."),
]


def pairs_of(texts: list[str] | None, option: str) -> dict[str, str]:
    """Returns the pairs that were given as KEY=VALUE. Raises UsageError for other texts and repeated keys."""
    pairs: dict[str, str] = {}
    for text in texts or ():
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise UsageError(f"{option} {text!r} is not KEY=VALUE, such as campaign=spring.")
        if key in pairs:
            raise UsageError(f"{option} gives {key!r} twice. Give each key once.")
        pairs[key] = value
    return pairs


def data_root(data: Path | None) -> Path:
    """Returns the data folder's absolute path, which means the same folder in every child process."""
    if data is not None:
        return data.expanduser().absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("likeness", appauthor=False))


def data_folder(data: Path | None) -> "DataFolder":
    from services.cli.stack.data_folder import DataFolder

    return DataFolder(data_root(data), named=data is not None)


def refuse_options_before_subcommand(context: typer.Context) -> None:
    """Raises UsageError for options before the name of a subcommand, which typer would drop."""
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise UsageError(f"Give the options behind `{context.invoked_subcommand}`.")
