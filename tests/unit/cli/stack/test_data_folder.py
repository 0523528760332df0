from pathlib import Path

import pytest

from services.cli.commands.options import data_folder
from services.cli.connection import Target, find_gateway, reach
from services.cli.errors import AlreadyRunning, CliError
from services.cli.stack.data_folder import DataFolder


def test_a_hint_for_a_named_folder_quotes_its_path_for_the_shell(tmp_path: Path) -> None:
    named = data_folder(tmp_path / "my data")

    assert named.command("down") == f"likeness down --data '{tmp_path}/my data'"


def test_a_hint_for_a_relative_folder_names_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert data_folder(Path("data")).command("down") == f"likeness down --data {tmp_path}/data"


def test_a_hint_for_the_default_folder_has_no_options() -> None:
    assert data_folder(None).command("down") == "likeness down"


def test_the_error_for_a_folder_in_use_gives_commands_for_that_folder(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, named=True)
    folder.create()

    with folder.lock(), pytest.raises(AlreadyRunning) as refused, folder.lock():
        pytest.fail("both have the lock")

    assert f"`likeness status --data {tmp_path}`" in refused.value.message
    assert f"`likeness down --data {tmp_path}`" in refused.value.message


async def test_the_error_without_a_stack_gives_the_command_that_starts_one_there(
    tmp_path: Path,
) -> None:
    with pytest.raises(CliError, match=f"`likeness up --data {tmp_path}`"):
        async with reach(Target(None, None, DataFolder(tmp_path, named=True))):
            pytest.fail("there is nothing to reach")
    assert await find_gateway(Target(None, None, DataFolder(tmp_path, named=True))) is None
