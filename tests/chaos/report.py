"""Reports of runs: figures and violations, as a table and as JSON."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from tests.chaos.violation import Violation

COLUMNS = ("lost", "duplicates", "stuck", "stale", "orphans", "leaks", "memory", "broken")
MAX_SHOWN = 20


@dataclass(slots=True)
class Report:
    """Result of a run. `figures` are shown as they are, in their order."""

    scenario: str
    bus: str
    seed: int
    figures: dict[str, Any] = field(default_factory=dict[str, Any])
    violations: list[Violation] = field(default_factory=list[Violation])

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
        lines += [f"! {each.kind}: {each.detail[:1500]}" for each in self.violations[:MAX_SHOWN]]
        if len(self.violations) > MAX_SHOWN:
            lines.append(f"! and {len(self.violations) - MAX_SHOWN} more")
        return "\n".join((*lines, "passed" if self.passed else "FAILED", ""))

    def save(self, path: Path) -> None:
        data = {**asdict(self), "counts": self.counts(), "passed": self.passed}
        path.write_text(json.dumps(data, indent=2) + "\n")


def shown(value: Any) -> str:
    if isinstance(value, dict):
        items = cast(dict[str, Any], value).items()
        return ", ".join(f"{name} {each}" for name, each in items)
    return str(value)


def count_faults(kinds: Sequence[str]) -> dict[str, int]:
    return dict(sorted(Counter(kinds).items()))
