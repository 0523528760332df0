"""Violations: what a run has found to be wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """A violated invariant. `kind` is a column of the table (`report.COLUMNS`), or another name."""

    kind: str
    detail: str
