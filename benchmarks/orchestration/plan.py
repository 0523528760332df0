"""What is to be measured of a contender in one round, and what was."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Plan:
    warm: int = 200
    """Chains that are run first and not measured."""
    light: int = 200
    """Chains submitted one at a time."""
    saturated: Mapping[int, int] = field(default_factory=lambda: {100: 3_000, 10_000: 10_000})
    """How many chains are run with so many of them open at once."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        values = json.loads(text)
        return cls(**{**values, "saturated": with_numbers(values["saturated"])})


@dataclass(frozen=True, slots=True)
class Measured:
    seconds: Sequence[float]
    """Of each chain at light load."""
    rates: Mapping[int, float]
    """Chains per second by how many were open."""
    cpu: Mapping[str, float]
    """CPU milliseconds a chain, by program, over all that was done at saturation."""

    @classmethod
    def from_json(cls, text: str) -> "Measured":
        values = json.loads(text)
        return cls(values["seconds"], with_numbers(values["rates"]), values["cpu"])


def with_numbers(values: Mapping[str, float]) -> dict[int, float]:
    """JSON's keys are texts."""
    return {int(key): value for key, value in values.items()}
