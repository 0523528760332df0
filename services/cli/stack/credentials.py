"""Creates and loads the secrets of a local stack, which are kept in its data folder."""

import dataclasses
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from services.cli.errors import StackError
from services.cli.stack.data_folder import write_private


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The users, keys and passwords of one stack, random where they are secret."""

    api_key: str = field(default_factory=lambda: f"lk_{_secret()}")
    nats_user: str = "likeness"
    nats_password: str = field(default_factory=_secret)
    s3_access_key: str = field(default_factory=lambda: f"LK{secrets.token_hex(9).upper()}")
    s3_secret_key: str = field(default_factory=_secret)
    s3_internal_key: str = field(default_factory=_secret)
    """Signs the HTTP requests between the parts of the S3 server."""


def load_or_create_credentials(path: Path) -> Credentials:
    """Returns the stack's credentials, which are created at the first start and stay the same.

    Raises StackError if the file is damaged.
    """
    if not path.exists():
        created = Credentials()
        write_private(path, json.dumps(dataclasses.asdict(created), indent=2) + "\n")
        return created
    return load_credentials(path)


def load_credentials(path: Path) -> Credentials:
    """Reads the credentials. Raises StackError if there are none, or if the file is damaged."""
    try:
        return Credentials(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as exc:
        raise StackError(
            f"Cannot read {path}: {exc}. Restore it, or delete it to have new keys made."
        ) from exc
