"""Builds the app from its commands. Each command imports its modules when it runs, so `--help` is quick."""

import typer

from services.cli.commands.demo import demo
from services.cli.commands.doctor import doctor
from services.cli.commands.down import down
from services.cli.commands.effects import effects
from services.cli.commands.lexicon import lexicon
from services.cli.commands.listings import engines, voices
from services.cli.commands.render import render
from services.cli.commands.speak import speak
from services.cli.commands.status import status
from services.cli.commands.up import up


def build_app() -> typer.Typer:
    app = typer.Typer(
        name="likeness",
        help="Turn a script and a portrait into a talking video.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
    )
    for command in (demo, render, speak, voices, engines, up, status, down, doctor):
        app.command()(command)
    for group in (effects, lexicon):
        app.add_typer(group)
    return app
