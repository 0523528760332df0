import os
from pathlib import Path

import pytest

from services.cli.commands.addresses import print_addresses
from services.cli.stack.credentials import load_or_create_credentials
from services.cli.stack.data_folder import DataFolder
from services.cli.stack.state import StackState, mark, save_state

DATABASE = "postgresql://likeness@/likeness?host=%2Fvar%2Flib%2F" + "deep%2F" * 20 + "postgres.sock"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "a [bold] name")
    folder.create()
    own = mark(os.getpid())
    assert own is not None
    urls = ("http://127.0.0.1:8000", "http://127.0.0.1:8333", "127.0.0.1:4222", DATABASE)
    save_state(folder.state, StackState(own, "ready", False, *urls, str(folder.root), "", 1.0))
    load_or_create_credentials(folder.credentials)
    return folder


@pytest.mark.parametrize("columns", ["40", "80"])
def test_each_address_is_printed_uncut_on_its_own_line_in_a_narrow_terminal(
    folder: DataFolder, columns: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    print_addresses(folder)

    printed = dict(line.split("  ", 1) for line in capsys.readouterr().out.splitlines())
    assert {name: value.split()[0] for name, value in printed.items() if name not in ("data", "logs")} == {
        "API": "http://127.0.0.1:8000",
        "docs": "http://127.0.0.1:8000/docs",
        "API key": load_or_create_credentials(folder.credentials).api_key,
        "S3": "http://127.0.0.1:8333",
        "NATS": "nats://127.0.0.1:4222",
        "PostgreSQL": DATABASE,
    }
    assert printed["data"].strip() == str(folder.root)
    assert printed["logs"].strip() == str(folder.logs)
