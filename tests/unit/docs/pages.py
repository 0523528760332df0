"""Reads the project's Markdown pages: links, anchors of headings, and rows of tables."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
FOLDERS = ("docs", ".github", "benchmarks", "deploy", "examples", "proto", "services", "tests")
FENCE = re.compile(r"^( *)(```|~~~).*?^\1\2", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
CODE_SPAN = re.compile(r"`[^`\n]*`")


def all_pages() -> list[Path]:
    """Returns every Markdown file that belongs to the project."""
    pages = [*ROOT.glob("*.md")]
    for folder in FOLDERS:
        pages += (ROOT / folder).rglob("*.md")
    return sorted(pages)


def links_of(text: str) -> list[str]:
    """Returns the targets of all links and images outside of code."""
    return LINK.findall(CODE_SPAN.sub("", FENCE.sub("", text)))


def anchors_of(text: str) -> set[str]:
    """Returns the anchors that GitHub gives the headings."""
    seen: Counter[str] = Counter()
    anchors: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        anchors.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return anchors


def section(text: str, heading: str) -> str:
    """Returns the text below a second-level heading. Raises `AssertionError` if there is none."""
    parts = re.split(r"^## +(.+?) *$", text, flags=re.MULTILINE)
    found = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert heading in found, f"There is no section {heading!r}; the page has {', '.join(found)}."
    return found[heading]


def rows_of(text: str) -> Iterator[list[str]]:
    """Yields the cells of each table row, without header rows and rulers."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if not line.startswith("|") or is_ruler(line):
            continue
        if number + 1 < len(lines) and is_ruler(lines[number + 1]):
            continue
        yield [cell.strip() for cell in line.strip("|").split("|")]


def is_ruler(line: str) -> bool:
    return re.fullmatch(r"\|(?: *:?-+:? *\|)+", line) is not None
