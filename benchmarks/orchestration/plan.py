"""Defines the plan of a round and its measured values, which pass between processes as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

Number = TypeVar("Number", int, float)


@dataclass(frozen=True, slots=True)
class Plan:
    """The chains that are run in one round."""

    warm: int = 200
    """Chains that are run first and not measured."""
    light: int = 200
    """Chains submitted one at a time."""
    saturated: Mapping[int, int] = field(default_factory=lambda: {100: 3_000, 10_000: 10_000})
    """Number of chains by how many of them are open at once."""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        values: dict[str, Any] = json.loads(text)
        saturated = with_integer_keys(values["saturated"])
        return cls(warm=values["warm"], light=values["light"], saturated=saturated)


@dataclass(frozen=True, slots=True)
class Measured:
    """The measured values of one round."""

    seconds: Sequence[float]
    """Latency of each chain at light load."""
    rates: Mapping[int, float]
    """Chains per second by how many were open."""
    cpu: Mapping[str, float]
    """CPU milliseconds a chain, by program, over all chains at saturation."""

    @classmethod
    def from_json(cls, text: str) -> "Measured":
        values = json.loads(text)
        return cls(values["seconds"], with_integer_keys(values["rates"]), values["cpu"])


def with_integer_keys(values: Mapping[str, Number]) -> dict[int, Number]:
    """Returns the values by integers. The keys of JSON are texts."""
    return {int(key): value for key, value in values.items()}
