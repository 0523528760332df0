"""Who is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.orchestration.plan import Plan

ROOT = Path(__file__).parents[2]
OURS, PEERS = ROOT / ".venv", ROOT / ".venv-benchmarks"
PACKAGE = "benchmarks.orchestration"


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    module: str
    title: str
    settings: str
    durable: str
    servers: Sequence[str]
    environment: Path = PEERS
    queued: int = 10_000
    """How many chains are opened at once, at most: fewer for the slow ones."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ours(self) -> bool:
        return self.name.startswith("likeness")

    def plan(self, light: int, scale: float) -> Plan:
        many = int(self.queued * scale)
        some = min(int(3_000 * scale), many // 2)
        return Plan(light=light, warm=min(200, some), saturated={100: some, many: many})
