"""Creates the account under which PostgreSQL runs if the user is root: as root it refuses to start."""

import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path

from services.cli.errors import StackError

ACCOUNT = "likeness-postgres"
LOCKED_SECONDS = 10.0
"""How long another program, such as the first start of another stack, may hold the list of accounts."""
POLL_SECONDS = 0.1


def server_account() -> str | None:
    """Returns the account that the server runs as for root; `None` for an ordinary user, who runs it."""
    return ACCOUNT if os.geteuid() == 0 else None


def ensure_account(account: str | None) -> None:
    """Creates the account if it is missing. Raises StackError if that fails. Blocks for a moment then."""
    deadline = time.monotonic() + LOCKED_SECONDS
    while account is not None and not _exists(account):
        try:
            _create_account()
        except StackError:
            if time.monotonic() > deadline:
                raise
            time.sleep(POLL_SECONDS)


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except KeyError:
        return False
    return True


def _create_account() -> None:
    # Not every root has the system programs on its path: plain su leaves them out.
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
    command = [useradd or "", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
    made = useradd is not None and subprocess.run(command, capture_output=True, text=True, check=False)
    if not made or made.returncode != 0:
        reason = made.stderr.strip() if made else "there is no useradd"
        raise StackError(
            f"PostgreSQL does not run as root, and the account {ACCOUNT} could not be made ({reason}). "
            "Run likeness as an ordinary user."
        )


def adopt_folder(folder: Path, account: str | None) -> None:
    """Makes the folder private to the account, which may pass through the folders above but not list them.

    Raises StackError if the folder belongs to another user, who may have put it there to be trusted.
    """
    entry = pwd.getpwnam(account) if account else None
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), entry and entry.pw_uid}:
        raise StackError(f"{folder} is not ours. Remove it, or choose another folder with --data.")
    folder.chmod(0o700)
    if entry is None:
        return
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    for parent in folder.absolute().parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(mode | stat.S_IXOTH)
