"""Cases of the fuzzer are made again from their numbers, and findings are written with their cases."""

import asyncio
import json
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.findings import KEPT, Findings, Found
from tests.fuzz.mutation import CHANGES, mutated
from tests.fuzz.target import case_of
from tests.fuzz.targets import TARGETS
from tests.fuzz.worker import LINE_BYTES, report

FILES = (bytes(range(256)) * 4, b"RIFF" + bytes(500))


@pytest.mark.parametrize("name", TARGETS)
def test_a_case_is_the_same_for_the_same_number(name: str):
    target = TARGETS[name]
    first, again, other = (str(case_of(target, number)) for number in (7, 7, 8))
    assert first == again
    assert first != other


@pytest.mark.parametrize("change", CHANGES, ids=lambda each: each.__name__)
def test_a_change_changes_a_file(change: object):
    assert callable(change)
    results: set[bytes] = set()
    for number in range(8):
        data = bytearray(FILES[0])
        change(Random(number), data, FILES)
        results.add(bytes(data))
    assert results - {FILES[0]}


def test_a_mutation_is_the_same_for_the_same_number():
    assert mutated(Random(3), FILES) == mutated(Random(3), FILES) not in FILES


def test_few_findings_of_one_signature_are_written_and_all_are_counted(tmp_path: Path):
    findings = Findings(tmp_path / "found")
    for number in range(KEPT + 2):
        findings.add(Found("text", number, "exception", "KeyError at a.py:1", "…"), {"text": "\ud800"})
    findings.add(Found("media", 9, "slow", "over 5 s", "7 s"), b"\0\1")
    assert findings.counts[("text", "exception", "KeyError at a.py:1")] == KEPT + 2
    texts = sorted(findings.folder.glob("text-*.json"))
    assert len(texts) == KEPT
    assert json.loads(texts[0].read_text()) == {"text": "\ud800"}
    assert (findings.folder / "media-9-slow.bin").read_bytes() == b"\0\1"
    assert "--target media --case 9" in (findings.folder / "media-9-slow.txt").read_text()


async def test_a_finding_that_quotes_a_long_input_is_read(capsys: pytest.CaptureFixture[str]):
    report(number=7, kind="exception", signature="ValueError", detail="ValueError: " + "\U0001f600" * 50_000)
    reader = asyncio.StreamReader(limit=LINE_BYTES)
    reader.feed_data(capsys.readouterr().out.encode())
    reader.feed_eof()
    found = json.loads(await reader.readline())
    assert found["number"] == 7
    assert found["detail"].startswith("ValueError: \U0001f600")
