"""Tests that the Python and JSON in the project's pages can be read as such."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import ROOT, all_pages

BLOCK = re.compile(r"^```(python|json)\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    (page, language, code) for page in all_pages() for language, code in BLOCK.findall(page.read_text())
]


@pytest.mark.parametrize(
    ("page", "language", "code"), BLOCKS, ids=[str(page.relative_to(ROOT)) for page, _, _ in BLOCKS]
)
def test_the_block_parses(page: Path, language: str, code: str):
    if language == "python":
        ast.parse(code, filename=str(page))
    else:
        json.loads(code)
