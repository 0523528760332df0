"""The Harvard sentences read aloud in one piece, and what of it is understood sentence by sentence."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.media.sentences import HARVARD
from benchmarks.recogniser import WordRecogniser, word_errors, words_of
from benchmarks.speech import speak_all
from services.chassis.timeline import SpeechTimeline, TimedWord

GAP_SECONDS = 0.4
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """`samples` are mono, shape (n,); each sentence stands between its two `bounds`, in seconds."""

    samples: Samples
    rate: int
    sentences: Sequence[str]
    bounds: Sequence[tuple[float, float]]
    vocabulary: tuple[str, ...] = HARVARD
    """Texts that the recogniser is given; none: it has its large dictionary."""

    @property
    def timeline(self) -> SpeechTimeline:
        """With a sentence for each word: it says where they are when the tempo has changed."""
        words = (TimedWord(text, *bounds) for text, bounds in zip(self.sentences, self.bounds, strict=True))
        return SpeechTimeline(len(self.samples) / self.rate, words=tuple(words))

    def changed(self, samples: Samples, rate: int, timeline: SpeechTimeline) -> "Reading":
        """The same sentences in another voice."""
        bounds = [(word.start, word.end) for word in timeline.words]
        return replace(self, samples=samples, rate=rate, bounds=bounds)


def read_aloud(voice: str, sentences: Sequence[str] = HARVARD) -> Reading:
    parts: list[Samples] = []
    bounds: list[tuple[float, float]] = []
    rate, count = 0, 0
    for spoken in speak_all(sentences, voice):
        rate = spoken.rate
        gap = np.zeros(round(GAP_SECONDS * rate), np.float32)
        bounds.append((count / rate, (count + len(spoken.samples) + len(gap)) / rate))
        parts += [spoken.samples, gap]
        count += len(spoken.samples) + len(gap)
    return Reading(np.concatenate(parts), rate, sentences, bounds)


def backwards(reading: Reading) -> Reading:
    """Each sentence from its end to its beginning, in its place."""
    samples = reading.samples.copy()
    for start, end in reading.bounds:
        part = samples[round(start * reading.rate) : round(end * reading.rate)]
        part[:] = part[::-1].copy()
    return replace(reading, samples=samples)


def word_error_rate(reading: Reading) -> float:
    """Of all sentences together, each recognised by itself by `WordRecogniser`."""
    recogniser = _recogniser(reading.vocabulary)
    errors = words = 0
    for sentence, (start, end) in zip(reading.sentences, reading.bounds, strict=True):
        part = reading.samples[round(start * reading.rate) : round(end * reading.rate)]
        reference = words_of(sentence)
        errors += word_errors(reference, recogniser.hear(part, reading.rate))
        words += len(reference)
    return errors / words


@functools.cache
def _recogniser(vocabulary: tuple[str, ...]) -> WordRecogniser:
    return WordRecogniser(vocabulary)
