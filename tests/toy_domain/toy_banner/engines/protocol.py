"""Requests, results and protocol of banner engines."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from likeness.engine import Engine


@dataclass(frozen=True, slots=True)
class Banner:
    """A request to write `text` on a strip of `colour` (`#rrggbb`) into the file `output`."""

    text: str
    colour: str
    output: Path


class BannerEngine(Engine, Protocol):
    def draw(self, request: Banner) -> Iterator[Path]:
        """Yields the path of the picture. Raises `InvalidArgument` for a text that does not fit."""
        ...
