"""What a run has found, as a table and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.chaos.violation import Violation

COLUMNS = ("lost", "duplicates", "stuck", "stale", "orphans", "leaks", "memory", "broken")
SHOWN = 20


@dataclass(slots=True)
class Report:
    """`figures` are shown as they are, in their order."""

    scenario: str
    bus: str
    seed: int
    figures: dict[str, Any] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.violations

    def counts(self) -> dict[str, int]:
        counted = Counter(each.kind for each in self.violations)
        return {name: counted.pop(name, 0) for name in COLUMNS} | counted

    def table(self) -> str:
        rows = {
            "scenario": self.scenario,
            "bus": self.bus,
            "seed": self.seed,
            **self.figures,
            **self.counts(),
        }
        width = max(map(len, rows))
        lines = [f"{name:<{width}}  {shown(value)}" for name, value in rows.items()]
        lines += [f"! {each.kind}: {each.detail[:1500]}" for each in self.violations[:SHOWN]]
        if len(self.violations) > SHOWN:
            lines.append(f"! and {len(self.violations) - SHOWN} more")
        return "\n".join((*lines, "passed" if self.passed else "FAILED", ""))

    def save(self, path: Path) -> None:
        told = {**asdict(self), "counts": self.counts(), "passed": self.passed}
        path.write_text(json.dumps(told, indent=2) + "\n")


def shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {each}" for name, each in value.items())
    return str(value)


def count_faults(kinds: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(kinds).items()))
