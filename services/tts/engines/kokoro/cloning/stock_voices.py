"""Knows how the speaker encoder hears the voices of Kokoro."""

from collections.abc import Mapping
from importlib.resources import files

import numpy as np

from services.tts.engines.cloning.speaker_encoder import Embedding, normalised

PROBE = "The old clock on the wall kept good time, and nobody ever asked who wound it."
"""What every voice says in American English, stock or sought."""
FILE = "stock_voices.npy"


def stock_voices(names: list[str]) -> Mapping[str, Embedding]:
    """Returns the embeddings of the probe sentence by the voices' names, which are those of `VOICES`.

    `python -m benchmarks.media.stock_voices` makes the file: shape (voices, 256), in the order of the names.
    """
    with files("services.tts.engines.kokoro.cloning").joinpath(FILE).open("rb") as file:
        rows = np.load(file, allow_pickle=False)
    return {name: normalised(row.astype(np.float64)) for name, row in zip(names, rows, strict=True)}
