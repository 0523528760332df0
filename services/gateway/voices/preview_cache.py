"""Keeps the previews of voices that were asked for last."""

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable

MAX_KEPT = 200
"""Previews that are kept in memory, some 40 kB each."""
Key = tuple[str, str, str]
"""Engine, its version, and voice, or a digest of the speaker."""


class PreviewCache:
    """Previews by voice. One that is asked for by many at once is made once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, bytes] = OrderedDict()
        self._making: defaultdict[Key, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, key: Key, make: Callable[[], Awaitable[bytes]]) -> bytes:
        """Returns the preview, which `make` makes if it is not kept. Raises what that raises."""
        if (found := self._kept.get(key)) is None:
            async with self._making[key]:
                found = self._kept[key] = self._kept.get(key) or await make()
            self._making.pop(key, None)
        self._kept.move_to_end(key)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return found
