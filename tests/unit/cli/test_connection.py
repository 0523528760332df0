import dataclasses
import os
from pathlib import Path

import pytest

from services.cli.connection import Address, Target, find_gateway, reach
from services.cli.errors import CliError, UsageError
from services.cli.stack.credentials import load_or_create_credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.state import StackState, mark, save_state


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    load_or_create_credentials(folder.credentials)
    return folder


def running(folder: DataFolder) -> StackState:
    own = mark(os.getpid())
    assert own is not None
    return StackState(own, "ready", False, "http://local", "", "", "", str(folder.root), "", 1.0)


async def test_a_named_gateway_is_preferred_to_the_running_stack(folder: DataFolder) -> None:
    save_state(folder.state, running(folder))

    found = await find_gateway(Target("http://far", "lk_far", folder))

    assert found == Address("http://far", "lk_far", local=False)


async def test_a_named_gateway_needs_its_key(folder: DataFolder) -> None:
    with pytest.raises(UsageError, match="--api-key or LIKENESS_API_KEY"):
        await find_gateway(Target("http://far", None, folder))


async def test_the_running_stack_is_found_with_its_key(folder: DataFolder) -> None:
    save_state(folder.state, running(folder))
    key = load_or_create_credentials(folder.credentials).api_key

    found = await find_gateway(Target(None, "lk_of_another", folder))

    assert found == Address("http://local", key, local=True)


async def test_the_error_without_a_stack_says_how_to_start_one(folder: DataFolder) -> None:
    with pytest.raises(CliError, match="likeness up"):
        async with reach(Target(None, None, folder)):
            pytest.fail("there is nothing to reach")


async def test_the_stack_of_another_command_is_not_used(folder: DataFolder) -> None:
    save_state(folder.state, dataclasses.replace(running(folder), one_off=True))

    with pytest.raises(CliError, match="ends with it"):
        await find_gateway(Target(None, None, folder))
