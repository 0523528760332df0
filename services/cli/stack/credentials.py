"""Creates and loads the secrets of a local stack, which are kept in its data folder."""

import base64
import dataclasses
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from services.cli.errors import StackError
from services.cli.stack.data_folder import write_private


def _secret() -> str:
    return secrets.token_urlsafe(24)


@dataclass(frozen=True, slots=True)
class Credentials:
    """The users, keys and passwords of one stack, random where they are secret.

    `nats_…` and `s3_…` are the accounts of the owner, who may do everything. Services have accounts of their
    own: see `services/cli/stack/servers/accounts.py`.
    """

    api_key: str = field(default_factory=lambda: f"lk_{_secret()}")
    nats_user: str = "likeness"
    nats_password: str = field(default_factory=_secret)
    s3_access_key: str = field(default_factory=lambda: f"LK{secrets.token_hex(9).upper()}")
    s3_secret_key: str = field(default_factory=_secret)
    s3_internal_key: str = field(default_factory=_secret)
    """Signs the HTTP requests between the parts of the S3 server."""
    grpc_token: str = field(default_factory=_secret)
    """Sent with each gRPC call to a worker."""
    service_secret: str = field(default_factory=_secret)
    """The passwords of the services' accounts are derived from it."""

    def password(self, server: str, service: str) -> str:
        """Returns the password of a service's account on a server. None tells anything of another."""
        digest = hmac.digest(self.service_secret.encode(), f"{server}:{service}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:24]).decode()


def load_or_create_credentials(path: Path) -> Credentials:
    """Returns the stack's credentials, which are created at the first start and stay the same.

    Those that an older version has not known are added. Raises StackError if the file is damaged.
    """
    stored = _read(path) if path.exists() else {}
    credentials = _parse(path, stored)
    if (complete := dataclasses.asdict(credentials)) != stored:
        write_private(path, json.dumps(complete, indent=2) + "\n")
    return credentials


def load_credentials(path: Path) -> Credentials:
    """Reads the credentials. Raises StackError if there are none, or if the file is damaged."""
    return _parse(path, _read(path))


def _read(path: Path) -> dict[str, Any]:
    try:
        stored = json.loads(path.read_text())
    except (OSError, ValueError) as exc:
        raise _damaged(path, exc) from exc
    if not isinstance(stored, dict):
        raise _damaged(path, TypeError("it holds no JSON object"))
    return cast(dict[str, Any], stored)


def _parse(path: Path, stored: dict[str, Any]) -> Credentials:
    try:
        return Credentials(**stored)
    except TypeError as exc:
        raise _damaged(path, exc) from exc


def _damaged(path: Path, exc: Exception) -> StackError:
    return StackError(f"Cannot read {path}: {exc}. Restore it, or delete it to have new keys made.")
