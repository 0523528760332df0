from pathlib import Path

import pytest

from services.cli.commands.options import data_folder
from services.cli.connection import Target, find_gateway, reach
from services.cli.errors import AlreadyRunning, CliError
from services.cli.stack.data_folder import DataFolder


def test_a_hint_for_a_named_folder_names_it_so_that_it_can_be_pasted(tmp_path: Path) -> None:
    named = data_folder(tmp_path / "my data")

    assert named.command("down") == f"likeness down --data '{tmp_path}/my data'"


def test_a_hint_for_a_relative_folder_holds_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert data_folder(Path("data")).command("down") == f"likeness down --data {tmp_path}/data"


def test_a_hint_for_the_default_folder_needs_no_name() -> None:
    assert data_folder(None).command("down") == "likeness down"


def test_the_hints_of_a_folder_in_use_lead_to_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path, named=True)
    folder.create()

    with folder.lock(), pytest.raises(AlreadyRunning) as refused, folder.lock():
        pytest.fail("both have the lock")

    assert f"`likeness status --data {tmp_path}`" in refused.value.message
    assert f"`likeness down --data {tmp_path}`" in refused.value.message


async def test_the_hint_to_start_a_stack_leads_to_the_folder(tmp_path: Path) -> None:
    with pytest.raises(CliError, match=f"`likeness up --data {tmp_path}`"):
        async with reach(Target(None, None, DataFolder(tmp_path, named=True))):
            pytest.fail("there is nothing to reach")
    assert await find_gateway(Target(None, None, DataFolder(tmp_path, named=True))) is None
