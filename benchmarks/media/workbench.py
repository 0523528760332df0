"""Gives the measurements a folder, and a stack that is started when it is first needed."""

import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx2

from tests.e2e import stack as stacks
from tests.e2e.api import Api
from tests.e2e.stack import Stack
from tests.examples import PORTRAIT

MAX_REQUEST_SECONDS = 600.0


class Workbench:
    """A folder for files, and a running stack with a client of its API, made when they are first used."""

    def __init__(self, folder: Path, closing: ExitStack) -> None:
        self.folder = folder
        self._closing = closing

    @cached_property
    def stack(self) -> Stack:
        data = self.folder / "stack"
        self._closing.callback(stacks.stop, data)
        return stacks.start(data, {})

    @cached_property
    def http(self) -> httpx2.Client:
        headers = {"Authorization": f"Bearer {self.stack.api_key}"}
        client = httpx2.Client(
            base_url=self.stack.url, headers=headers, timeout=MAX_REQUEST_SECONDS, follow_redirects=True
        )
        return self._closing.enter_context(client)

    @cached_property
    def api(self) -> Api:
        return Api(self.http)

    @cached_property
    def portrait(self) -> str:
        """The asset id of the example portrait."""
        return self.api.upload(PORTRAIT)

    def new_file(self, suffix: str) -> Path:
        """Returns an unused path in the folder."""
        return self.folder / f"{secrets.token_hex(6)}{suffix}"


@contextmanager
def open_workbench() -> Generator[Workbench]:
    """Yields a workbench. At the end its stack is stopped and its folder removed."""
    with TemporaryDirectory(prefix="likeness-media-") as folder, ExitStack() as closing:
        yield Workbench(Path(folder), closing)
