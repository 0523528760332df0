"""Reads the commands that the project's pages give as examples."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.unit.docs.pages import DOCS, ROOT

PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    DOCS / "quickstart.md",
    *sorted((DOCS / "how-to").glob("*.md")),
    DOCS / "explanation/chaos.md",
    DOCS / "third-party-licences.md",
)
INDENT = "    "
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_HERE = re.compile(r"<<'(\w+)'")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page, as the shell's words without comments. `document` is its here-document."""

    page: Path
    words: tuple[str, ...]
    document: str = field(default="", repr=False)

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: {' '.join(self.words)[:60]}"


def commands_of(page: Path) -> Iterator[Command]:
    """Yields the commands of the indented blocks, in order."""
    lines = iter(shell_lines(page.read_text()))
    text = ""
    for line in lines:
        text = f"{text}\n{line}" if text else line
        if text.endswith("\\"):
            text = text[:-1]
            continue
        try:
            words = tuple(shlex.split(text, comments=True))
        except ValueError:  # a quotation that goes on in the next line
            continue
        here = _HERE.search(text)
        document = "\n".join(iter(lambda: next(lines), here[1])) if here else ""
        if words:
            yield Command(page, words, document)
        text = ""
    assert not text, f"{page}: {text!r} is not complete"


def shell_lines(text: str) -> list[str]:
    """Returns the lines of indented blocks. Such a block begins after an empty line."""
    found: list[str] = []
    before, inside = "", False
    for line in _FENCED.sub("", text).splitlines():
        inside = line.startswith(INDENT) and (inside or not before.strip())
        if inside:
            found.append(line.removeprefix(INDENT))
        before = line
    return found
