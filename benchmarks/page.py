"""Formats tables in Markdown, and writes them into their places in the documentation."""

from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "performance.md"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Returns a table with a header row."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def put_between_marks(page: Path, name: str, text: str) -> None:
    """Replaces the text between the two marks of that name. Raises ValueError if the page lacks them."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, _, rest = page.read_text().partition(begin)
    _, mark, after = rest.partition(end)
    if not mark:
        raise ValueError(f"{page} lacks {begin} … {end}")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}")
