"""Buffers items so that all of them are taken at once."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class ItemBuffer(Generic[T]):
    """Items in the order in which they were added."""

    def __init__(self) -> None:
        self._items: list[T] = []
        self._some = asyncio.Event()

    def add(self, item: T) -> None:
        self._items.append(item)
        self._some.set()

    async def take_all(self) -> list[T]:
        """Waits until there is an item, and returns all items since the last call."""
        await self._some.wait()
        self._some.clear()
        items, self._items = self._items, []
        return items
