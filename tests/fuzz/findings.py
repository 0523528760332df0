"""Writes findings as files from which each can be made again."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.target import Case

KEPT = 3
"""Number of findings of one signature that are written; more are counted."""


@dataclass(frozen=True, slots=True)
class Found:
    """One finding. `signature` is the same for what is probably the same fault."""

    target: str
    number: int
    kind: str
    signature: str
    detail: str


@dataclass(slots=True)
class Findings:
    """All findings of a run, in a folder."""

    folder: Path
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter[tuple[str, str, str]])
    """By target, kind and signature."""

    def add(self, found: Found, case: Case) -> None:
        key = (found.target, found.kind, found.signature)
        self.counts[key] += 1
        if self.counts[key] > KEPT:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        stem = self.folder / f"{found.target}-{found.number}-{found.kind}"
        again = f"python -m tests.fuzz --target {found.target} --case {found.number}"
        text = f"{found.kind}: {found.signature}\nagain: {again}\n\n{found.detail}\n"
        stem.with_suffix(".txt").write_text(text, errors="backslashreplace")
        write_case(stem, case)


def write_case(stem: Path, case: Case) -> None:
    if isinstance(case, bytes):
        stem.with_suffix(".bin").write_bytes(case)
    else:
        stem.with_suffix(".json").write_text(json.dumps(case, indent=1, default=as_text))


def as_text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)
