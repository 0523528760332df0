"""Keeps performances, so that an engine process plans a scene once for all of its pieces."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from services.video.engines.protocol import Rendering

# Planning loads NumPy and libsndfile; the engine's spec is read without them.
if TYPE_CHECKING:
    from services.video.engines.puppet.motion.performance import Performance

MAX_PERFORMANCES = 2
_NO_FILE = Path()


class PerformanceCache:
    """The last `MAX_PERFORMANCES` performances. One of a speech of 20 minutes takes 1.5 s and 3 MB."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Rendering, bytes], Performance] = OrderedDict()

    def get(self, request: Rendering, plan: Callable[[], Performance]) -> Performance:
        """Returns the performance of a request that differs in nothing but its piece; else plans it."""
        key = _content(request)
        if key not in self._kept:
            self._kept[key] = plan()
            if len(self._kept) > MAX_PERFORMANCES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]


def _content(request: Rendering) -> tuple[Rendering, bytes]:
    """Returns the request with the content of its speech in place of files.

    Pictures are left out: what is planned depends on them by the seed only.
    """
    rest = replace(request, portrait=_NO_FILE, output=_NO_FILE, speech=None, background=None, piece=None)
    if request.speech is None:
        return rest, b""
    with request.speech.open("rb") as speech:
        return rest, hashlib.file_digest(speech, "sha256").digest()
