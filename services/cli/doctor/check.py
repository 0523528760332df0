"""What a check is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    grade: Grade
    detail: str
    fix: str = ""
    """What to do about it; empty if there is nothing to do."""


class Check(Protocol):
    def run(self) -> list[Finding]:
        """Judges one thing, or several of a kind. Does not raise for what it is to judge."""
        ...


def ok(name: str, detail: str) -> Finding:
    return Finding(name, Grade.OK, detail)


def warn(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, Grade.WARN, detail, fix)


def fail(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, Grade.FAIL, detail, fix)


def exit_status(findings: list[Finding]) -> int:
    """A warning leaves a working installation."""
    return 1 if any(finding.grade is Grade.FAIL for finding in findings) else 0
