"""Defines a check of `likeness doctor` and its findings."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Grade(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check."""

    name: str
    grade: Grade
    detail: str
    fix: str = ""
    """Advice to the user; empty if there is nothing to do."""


class Check(Protocol):
    """A check of this machine or installation."""

    def run(self) -> list[Finding]:
        """Checks one thing, or several of a kind. Faults that it looks for are findings, never exceptions."""
        ...


def ok(name: str, detail: str) -> Finding:
    return Finding(name, Grade.OK, detail)


def warn(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, Grade.WARN, detail, fix)


def fail(name: str, detail: str, fix: str) -> Finding:
    return Finding(name, Grade.FAIL, detail, fix)


def exit_status(findings: list[Finding]) -> int:
    """Returns 1 if a check failed, else 0: an installation with warnings works."""
    return 1 if any(finding.grade is Grade.FAIL for finding in findings) else 0
