"""Tests that links, mentions of files in pages, and mentions of pages in code lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import CODE_SPAN, FENCE, ROOT, all_pages, anchors_of, links_of

CODE_FOLDERS = ("benchmarks", "deploy", "proto", "scripts", "services", "tests", ".ci")
CODE_SUFFIXES = ("", ".py", ".toml", ".yaml", ".sql", ".proto")
MENTION = re.compile(r"\bdocs/[\w./-]+\.(?:md|yaml)\b")
TOP_FOLDERS = r"(?:benchmarks|deploy|docs|examples|proto|requirements|scripts|services|tests)"
FILE = re.compile(rf"`({TOP_FOLDERS}/[\w./-]+)`")
HISTORY = ("CHANGELOG.md", "docs/adr")
"""Pages that say what was, so that the files they mention may be gone."""
EXTERNAL = re.compile(r"[a-z]+:", re.IGNORECASE)


@pytest.mark.parametrize("page", all_pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_and_anchors_resolve(page: Path):
    broken = [
        link for link in links_of(page.read_text()) if not EXTERNAL.match(link) and not leads(page, link)
    ]
    assert not broken


def leads(page: Path, link: str) -> bool:
    """Returns whether the link names a file or folder of the project and, after `#`, one of its headings."""
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not anchor or (target.is_file() and anchor in anchors_of(target.read_text()))


def test_files_that_pages_mention_exist():
    missing = {
        f"{page.relative_to(ROOT)}: {path}"
        for page in all_pages()
        if not str(page.relative_to(ROOT)).startswith(HISTORY)
        for span in CODE_SPAN.findall(FENCE.sub("", page.read_text()))
        for path in FILE.findall(span)
        if not (ROOT / path).exists()
    }
    assert not missing


def test_pages_that_code_mentions_exist():
    missing = {
        f"{file.relative_to(ROOT)}: {mention}"
        for file in code_files()
        for mention in MENTION.findall(file.read_text(errors="replace"))
        if not (ROOT / mention).exists()
    }
    assert not missing


def code_files() -> list[Path]:
    files = [file for folder in CODE_FOLDERS for file in (ROOT / folder).rglob("*")]
    return [ROOT / "Makefile", *(file for file in files if file.is_file() and file.suffix in CODE_SUFFIXES)]


def test_every_page_below_docs_is_linked_from_another_page():
    pages = all_pages()
    linked = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in pages
        for link in links_of(page.read_text())
        if not EXTERNAL.match(link) and not link.startswith("#")
    }
    in_linked_folders = {page for page in pages if page.parent in linked}
    orphans = {page for page in pages if page.is_relative_to(ROOT / "docs")} - linked - in_linked_folders
    assert not orphans
