"""What a run has done wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """`kind` is a column of the table (`report.COLUMNS`), or its own."""

    kind: str
    detail: str
