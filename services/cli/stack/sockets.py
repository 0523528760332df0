"""Names the unix sockets of the stack. Their folders are for their owner only, as the files beside them."""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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
        """Creates the folder. Raises StackError if something else is there, such as what another user has put
        into the temporary folder to be trusted; that is left as it is.
        """
        with suppress(FileExistsError):
            self.folder.mkdir(mode=0o700, parents=True)
        adopt_folder(self.folder, None)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def http(self, service: str) -> Path:
        return self.folder / f"{service}.http"

    def grpc(self, service: str) -> Path:
        return self.folder / f"{service}.grpc"
