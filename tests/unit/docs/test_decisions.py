"""Tests the form of the architecture decision records, and that they name each other both ways."""

import re
from pathlib import Path

import pytest

from tests.unit.docs.pages import DOCS

RECORDS = sorted((DOCS / "adr").glob("*.md"))
NAME = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
INVERSE = {
    "amends": "amended by",
    "narrows": "narrowed by",
    "supersedes": "superseded by",
    "amended by": "amends",
    "narrowed by": "narrows",
    "superseded by": "supersedes",
}
STATUS = re.compile(r"\*\*Status:\*\* (proposed|accepted|superseded)((?:; .+)?)")
RELATION = re.compile(rf"({'|'.join(INVERSE)}) (.+)")
LINK = re.compile(r"\[ADR (\d+)\]\((\d{4}-[a-z0-9-]+\.md)\)")
PARTS = ("**Context.**", "**Decision.**", "**Consequences.**")


def relations_of(record: Path) -> set[tuple[str, str]]:
    """Returns what the status says of other records, as relation and file name."""
    status = STATUS.fullmatch(record.read_text().splitlines()[2])
    assert status, "the third line is the status"
    found: set[tuple[str, str]] = set()
    for clause in filter(None, status[2].split("; ")):
        relation = RELATION.fullmatch(clause)
        assert relation, f"{clause!r} is no relation to another record"
        for link in relation[2].split(", "):
            named = LINK.fullmatch(link)
            assert named, f"{link!r} is no link to a record"
            assert int(named[1]) == int(named[2][:4]), f"{link} leads to another record"
            found.add((relation[1], named[2]))
    return found


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_record_has_its_form(record: Path):
    name, text = NAME.fullmatch(record.name), record.read_text()
    assert name
    assert re.match(rf"# {int(name[1])}\. \S.*\n\n\*\*Status:\*\* ", text)
    places = [text.find(part) for part in PARTS]
    assert -1 < places[0] < places[1] < places[2]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_records_name_each_other_both_ways(record: Path):
    for relation, other in relations_of(record):
        assert (INVERSE[relation], record.name) in relations_of(DOCS / "adr" / other), other


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_a_superseded_record_says_by_which(record: Path):
    superseded = STATUS.match(record.read_text().splitlines()[2])
    named = {relation for relation, _ in relations_of(record)}
    assert superseded
    assert (superseded[1] == "superseded") == ("superseded by" in named)


def test_the_numbers_have_no_gap():
    assert [int(record.name[:4]) for record in RECORDS] == list(range(1, len(RECORDS) + 1))
