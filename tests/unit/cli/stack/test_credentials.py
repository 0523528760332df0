import stat
from pathlib import Path

import pytest

from services.cli.errors import StackError
from services.cli.stack.credentials import Credentials, load_credentials, load_or_create_credentials


def test_credentials_are_created_once(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"

    assert load_or_create_credentials(path) == load_or_create_credentials(path)


def test_only_the_owner_can_read_the_credentials(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    load_or_create_credentials(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_two_stacks_share_a_secret() -> None:
    one, other = Credentials(), Credentials()

    secrets = (
        "api_key",
        "nats_password",
        "s3_access_key",
        "s3_secret_key",
        "s3_internal_key",
        "grpc_token",
        "service_secret",
    )
    assert all(getattr(one, name) != getattr(other, name) for name in secrets)
    assert one.password("nats", "tts") != other.password("nats", "tts")
    assert one.api_key.startswith("lk_")


def test_each_account_of_a_stack_has_a_password_of_its_own() -> None:
    credentials = Credentials()
    accounts = [(server, service) for server in ("nats", "s3") for service in ("tts", "voice")]

    passwords = [credentials.password(*account) for account in accounts]

    assert len(set(passwords)) == len(accounts)
    assert passwords == [credentials.password(*account) for account in accounts]


def test_a_file_of_an_older_version_keeps_its_keys_and_gets_the_new_ones(tmp_path: Path) -> None:
    path = tmp_path / "credentials.json"
    path.write_text('{"api_key": "lk_old", "nats_password": "old"}')

    first = load_or_create_credentials(path)

    assert (first.api_key, first.nats_password) == ("lk_old", "old")
    assert load_or_create_credentials(path) == first == load_credentials(path)


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"api_key": "lk_1", "unknown": 1}'])
def test_a_damaged_file_is_not_replaced(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "credentials.json"
    path.write_text(damaged)

    with pytest.raises(StackError, match="Restore it, or delete it"):
        load_or_create_credentials(path)
    assert path.read_text() == damaged
