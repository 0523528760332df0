"""Defines a contender: a system that is measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.orchestration.plan import Plan

ROOT = Path(__file__).parents[2]
OURS, PEERS = ROOT / ".venv", ROOT / ".venv-benchmarks"
PACKAGE = "benchmarks.orchestration"


@dataclass(frozen=True, slots=True)
class Contender:
    """A system with its module, its row in the table, and what it needs to run."""

    name: str
    module: str
    """Module whose `running` starts it: see `benchmarks.orchestration.system`."""
    title: str
    settings: str
    durable: str
    servers: Sequence[str]
    """Names of the servers that it uses: see `benchmarks.orchestration.servers`."""
    environment: Path = PEERS
    """Virtual environment that it runs in."""
    queued: int = 10_000
    """Maximum number of chains that are open at once: fewer for slow systems."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def ours(self) -> bool:
        """Whether it is Likeness."""
        return self.name.startswith("likeness")

    def plan(self, light: int, scale: float) -> Plan:
        """Returns the plan of a round. `scale` is a factor on the chains at saturation."""
        many = int(self.queued * scale)
        some = min(int(3_000 * scale), many // 2)
        return Plan(light=light, warm=min(200, some), saturated={100: some, many: many})
