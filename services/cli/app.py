"""The commands. Each imports what it needs when it runs, so that `--help` is quick."""

import typer

from services.cli.commands.down import down
from services.cli.commands.up import up


def build_app() -> typer.Typer:
    app = typer.Typer(
        name="likeness",
        help="Turn a script and a portrait into a talking video.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for command in (up, down):
        app.command()(command)
    return app
