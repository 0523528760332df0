"""Tables find their places in the documentation."""

from pathlib import Path

import pytest

from benchmarks.page import markdown, put_between_marks


def test_a_table_has_a_line_for_each_row() -> None:
    assert markdown(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_the_text_replaces_the_one_before_between_its_own_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    other = "<!-- y: begin -->\nkept\n<!-- y: end -->"
    page.write_text(f"above\n{other}\n<!-- x: begin -->\nold\n<!-- x: end -->\nbelow\n")
    put_between_marks(page, "x", "new")
    assert page.read_text() == f"above\n{other}\n<!-- x: begin -->\nnew\n<!-- x: end -->\nbelow\n"


def test_a_page_without_a_place_for_it_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="lacks"):
        put_between_marks(page, "x", "new")
