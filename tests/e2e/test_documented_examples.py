"""The examples of the pages are run, in order, on the real stack."""

import contextlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openai
import pytest

from tests.e2e.api import Api
from tests.e2e.stack import LIKENESS, Stack
from tests.examples import EXAMPLES
from tests.unit.docs.examples import Command, commands_of
from tests.unit.docs.pages import DOCS, ROOT

PAGES = (
    ROOT / "README.md",
    DOCS / "quickstart.md",
    *(
        DOCS / f"how-to/{name}.md"
        for name in (
            "make-a-video",
            "make-an-audio-file",
            "your-own-face-and-voice",
            "clone-a-voice",
            "effects-and-lexicon",
            "batches",
            "follow-events",
            "remix",
        )
    ),
)
OTHER_STACK = ("up", "down", "status", "doctor")
"""Commands that look after a stack of their own, which other tests do."""
PLACEHOLDER = re.compile(r"\b([a-z]+)_…")
PRINTED = re.compile(r"\b(?:avatar|batch|voice)_[0-9a-f]{8,}")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECONDS = 120


class Reader:
    """Does what a page says, in a folder with the examples; remembers the ids that the API gives."""

    def __init__(self, stack: Stack, api: Api, ids: Mapping[str, str]) -> None:
        self._stack, self._api, self._ids = stack, api, dict(ids)
        self._variables = {"LIKENESS_URL": stack.url, "LIKENESS_API_KEY": stack.api_key}

    def run(self, command: Command) -> None:
        program, *words = command.words
        if program.endswith("likeness"):
            if words[0] not in OTHER_STACK:
                printed = self._execute([*LIKENESS, *map(self._filled, words)])
                self._ids.update({name.partition("_")[0]: name for name in PRINTED.findall(printed)})
        elif program == "curl":
            self._take(self._execute([program, *map(self._filled, words)]))
            if "-o" in words:
                self._take(Path(words[words.index("-o") + 1]).read_text(errors="replace"))
        elif program == "cat":
            Path(words[-2 if words[-1].startswith("<<") else -1]).write_text(self._filled(command.document))
        elif program == "mkdir":
            self._execute([program, *words])
        else:
            assert program in ("make", "export"), program

    def python(self, code: str, names: dict[str, Any]) -> None:
        filled = code.replace("http://127.0.0.1:8000", self._stack.url).replace("lk_…", self._stack.api_key)
        exec(compile(filled, "example", "exec"), names)

    def _execute(self, words: list[str]) -> str:
        environment = {**os.environ, **self._variables, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            words, capture_output=True, text=True, timeout=SECONDS, env=environment, check=False
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done.stdout

    def _filled(self, text: str) -> str:
        """Puts the values of variables and the ids of what was made last in their places."""
        for name, value in self._variables.items():
            text = text.replace(f"${name}", value)
        if text.endswith("/content"):
            for kind in PLACEHOLDER.findall(text):
                self._api.wait(self._ids[kind])
        return PLACEHOLDER.sub(lambda match: self._ids[match[1]], text)

    def _take(self, answer: str) -> None:
        with contextlib.suppress(ValueError):
            told = json.loads(answer)
            assert not told.get("error"), told
            if "id" in told:
                self._ids[told["id"].partition("_")[0]] = told["id"]


@pytest.fixture(scope="module")
def film(api: Api, portrait: str) -> str:
    return api.make(script="A video to begin with.", image=portrait, size="256x256")["id"]


@pytest.fixture
def page_reader(
    stack: Stack, api: Api, portrait: str, film: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Reader:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out").mkdir()
    (tmp_path / "examples").symlink_to(EXAMPLES)
    return Reader(stack, api, {"asset": portrait, "video": film})


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_commands_of_the_page_work(page_reader: Reader, page: Path):
    for command in commands_of(page):
        page_reader.run(command)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_python_of_the_page_works(
    page_reader: Reader, page: Path, client: openai.OpenAI, film: str, stack: Stack
):
    names: dict[str, Any] = {"client": client, "video": SimpleNamespace(id=film)}
    for code in PYTHON.findall(page.read_text()):
        page_reader.python(code, names)
    if "follow" in names:
        *_, last = names["follow"](stack.url, stack.api_key, film)
        assert last["type"] == "video.completed"
