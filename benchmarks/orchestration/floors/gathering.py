"""Takes what has come together."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Gathering(Generic[T]):
    def __init__(self) -> None:
        self._items: list[T] = []
        self._some = asyncio.Event()

    def add(self, item: T) -> None:
        self._items.append(item)
        self._some.set()

    async def all(self) -> list[T]:
        """What came since the last call, as soon as there is something."""
        await self._some.wait()
        self._some.clear()
        items, self._items = self._items, []
        return items
