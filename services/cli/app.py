"""Builds the app from its commands. Each command imports its modules when it runs, so `--help` is quick."""

from typing import Any, cast

import typer
from typer.core import TyperGroup

from services.cli.commands.avatars import avatars
from services.cli.commands.batch import batch
from services.cli.commands.batches import batches
from services.cli.commands.cancel import cancel
from services.cli.commands.command_group import CommandGroup, examples_text
from services.cli.commands.delete import delete
from services.cli.commands.demo import demo
from services.cli.commands.doctor import doctor
from services.cli.commands.down import down
from services.cli.commands.download import download
from services.cli.commands.effects import effects
from services.cli.commands.engines import engines
from services.cli.commands.examples import EXAMPLES
from services.cli.commands.keys import keys
from services.cli.commands.lexicon import lexicon
from services.cli.commands.list import list_jobs
from services.cli.commands.models import models
from services.cli.commands.render import render
from services.cli.commands.retry import retry
from services.cli.commands.show import show_job
from services.cli.commands.speak import speak
from services.cli.commands.status import status
from services.cli.commands.up import up
from services.cli.commands.version import common
from services.cli.commands.voices import voices
from services.cli.commands.watch import watch
from services.cli.commands.workspaces import workspaces

COMMANDS: dict[str, dict[str, Any]] = {
    # Functions and groups, by heading and name.
    "Make": {"render": render, "speak": speak, "batch": batch, "demo": demo},
    "Jobs": {
        "list": list_jobs,
        "show": show_job,
        "watch": watch,
        "download": download,
        "cancel": cancel,
        "retry": retry,
        "delete": delete,
        "batches": batches,
    },
    "What can be used": {
        "voices": voices,
        "avatars": avatars,
        "effects": effects,
        "lexicon": lexicon,
        "engines": engines,
        "models": models,
    },
    "Who may use it": {"keys": keys, "workspaces": workspaces},
    "The stack on this machine": {"up": up, "status": status, "down": down, "doctor": doctor},
}


def build_app() -> TyperGroup:
    """Returns the command `likeness` with all of its commands."""
    app = typer.Typer(
        name="likeness",
        cls=CommandGroup,
        callback=common,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        # Rich would take what stands in square brackets in a help text for markup, and drop it.
        rich_markup_mode=None,
    )
    for heading, commands in COMMANDS.items():
        for name, command in commands.items():
            if isinstance(command, typer.Typer):
                app.add_typer(command, name=name, rich_help_panel=heading)
            else:
                app.command(name, rich_help_panel=heading)(command)
    root = cast(TyperGroup, typer.main.get_command(app))
    root.commands = {name: root.commands[name] for commands in COMMANDS.values() for name in commands}
    for path, examples in EXAMPLES.items():
        command_at(root, path).epilog = examples_text(examples)
    return root


def command_at(root: TyperGroup, path: str) -> Any:
    """Returns the command of a name such as `effects add`; the root itself for an empty one."""
    found: Any = root
    for name in path.split():
        found = found.commands[name]
    return found
