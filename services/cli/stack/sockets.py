"""Names the unix sockets of the stack. Their folders are for their owner only, as the files beside them."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from services.cli.stack.data_folder import create_private
from services.cli.stack.servers.account import adopt_folder

MAX_PATH_BYTES = 103
"""`sun_path` holds 108 bytes on Linux and 104 on macOS, with the final zero."""


def short_folder(folder: Path, file_bytes: int) -> Path:
    """Returns the folder, or one in the temporary folder if the path of a socket in it would be too long.

    `file_bytes` is the length of the longest name of a socket.
    """
    if len(os.fsencode(folder)) + 1 + file_bytes <= MAX_PATH_BYTES:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"likeness-{os.getuid()}-{digest}"


@dataclass(frozen=True, slots=True)
class ServiceSockets:
    """The sockets on which the workers serve their health and gRPC."""

    folder: Path

    @classmethod
    def below(cls, data: Path) -> "ServiceSockets":
        return cls(short_folder(data / "sockets", 24))

    def create(self) -> None:
        """Creates the folder. Raises StackError if another user has put it there."""
        create_private(self.folder)
        adopt_folder(self.folder, None)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def http(self, service: str) -> Path:
        return self.folder / f"{service}.http"

    def grpc(self, service: str) -> Path:
        return self.folder / f"{service}.grpc"
