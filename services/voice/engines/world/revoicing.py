"""Changes speech with the vocoder, segment by segment."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from services.voice.engines.segments import cut_points
from services.voice.engines.world.analysis import Frames, analyse, synthesize


def revoice(
    samples: NDArray[np.float32], rate: int, change: Callable[[Frames], Frames]
) -> Iterator[NDArray[np.float32]]:
    """Yields segments of the changed speech, together as long as the source."""
    for start, end in pairwise(cut_points(samples, rate)):
        frames = analyse(samples[start:end].astype(np.float64), rate)
        yield synthesize(change(frames), end - start)
