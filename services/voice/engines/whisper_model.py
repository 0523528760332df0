"""Recognises English speech with Whisper, by CTranslate2 on one thread. Two engines use it."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.chassis.models.cache import ModelMissing, model_folder

log = logging.getLogger(__name__)
Pcm = NDArray[np.int16]
MODEL = "whisper-tiny-en"
MODULE = "faster_whisper"
SHORTEST_PIECE, LONGEST_PIECE = 18.0, 29.0
"""Seconds of the pieces of a long recording: the model hears 30 s, however few of them are given."""
_RATE = 16_000
_FULL_SCALE = 32768.0
# Above it guesses are drawn at random, from a source that no seed sets again once it is in use.
_TEMPERATURE = 0.0


@dataclass(frozen=True, slots=True)
class HeardText:
    """A sentence or a part of one, with its rough times in seconds."""

    text: str
    start: float
    end: float
    log_probability: float
    no_speech_probability: float

    @property
    def is_spoken(self) -> bool:
        """Tells whether there is a letter or a digit in the text: it may be a note or a full stop."""
        return any(character.isalnum() for character in self.text)


class WhisperRecogniser:
    """The open model. What it hears does not depend on what it has heard before."""

    def __init__(self) -> None:
        """Loads the model. Raises `ModelMissing`, or `ModuleNotFoundError` without the package."""
        from faster_whisper import WhisperModel

        self._model: Any = WhisperModel(
            str(model_folder(MODEL)), device="cpu", compute_type="int8", cpu_threads=1, local_files_only=True
        )

    def hear(self, pcm: Pcm, prompt: str = "") -> list[HeardText]:
        """Returns what is said in at most half a minute at 16 kHz; nothing where no voice is detected."""
        segments, _ = self._model.transcribe(
            pcm.astype(np.float32) / _FULL_SCALE,
            language="en",
            temperature=_TEMPERATURE,
            condition_on_previous_text=False,
            initial_prompt=prompt or None,
            vad_filter=True,
        )
        heard = (
            HeardText(each.text.strip(), each.start, each.end, each.avg_logprob, each.no_speech_prob)
            for each in segments
        )
        return within([each for each in heard if each.is_spoken], len(pcm) / _RATE)

    def recognise(self, pieces: Iterable[Pcm]) -> Iterator[list[str]]:
        """Yields the words in each piece of a speech."""
        for pcm in pieces:
            yield " ".join(heard.text for heard in self.hear(pcm)).split()


def within(heard: Iterable[HeardText], seconds: float) -> list[HeardText]:
    """Returns the texts with times in order and within a recording of so many seconds.

    The model's times are of half a minute, however short the recording is.
    """
    timed: list[HeardText] = []
    position = 0.0
    for each in heard:
        start = min(max(each.start, position), seconds)
        position = min(max(each.end, start), seconds)
        timed.append(replace(each, start=start, end=position))
    return timed


def is_installed() -> bool:
    """Tells whether package and model are on this machine."""
    if find_spec(MODULE) is None:
        return False
    try:
        model_folder(MODEL)
    except ModelMissing:
        return False
    return True


def loads() -> bool:
    """Tells whether the package can be loaded, and loads it: that takes little memory without the model."""
    try:
        import_module(MODULE)
    except Exception:
        log.warning("Whisper is installed, but cannot be loaded. Run `make voices`.", exc_info=True)
        return False
    return True
