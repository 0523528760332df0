"""Tables in Markdown, written into their places in the documentation."""

from pathlib import Path

import pytest

from benchmarks.page import markdown, put_between_marks


def test_a_table_has_a_header_and_a_line_for_each_row() -> None:
    assert markdown(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"


def test_only_the_text_between_the_marks_of_that_name_is_replaced(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    other = "<!-- y: begin -->\nkept\n<!-- y: end -->"
    page.write_text(f"above\n{other}\n<!-- x: begin -->\nold\n<!-- x: end -->\nbelow\n")
    put_between_marks(page, "x", "new")
    assert page.read_text() == f"above\n{other}\n<!-- x: begin -->\nnew\n<!-- x: end -->\nbelow\n"


def test_a_page_without_the_marks_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing")
    with pytest.raises(ValueError, match="lacks"):
        put_between_marks(page, "x", "new")
