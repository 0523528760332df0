"""Reads the Harvard sentences aloud in one piece, and measures how many of their words are understood."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.media.sentences import HARVARD
from benchmarks.recogniser import WordRecogniser, word_errors, words_of
from benchmarks.speech import speak_all
from services.chassis.engine_api.timeline import SpeechTimeline, TimedWord

GAP_SECONDS = 0.4
THROATS = (0.84, 0.92, 1.0, 1.09, 1.19, 1.3)
SENTENCES_TO_GET_USED_TO = 6
"""Number of sentences at the start that choose the size of the throat."""
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reading:
    """Sentences in one recording.

    `samples` are mono, shape (n,); each sentence stands between its two `bounds`, in seconds.
    """

    samples: Samples
    rate: int
    sentences: Sequence[str]
    bounds: Sequence[tuple[float, float]]
    vocabulary: tuple[str, ...] = HARVARD
    """Texts that the recogniser is given. If empty, it uses its large dictionary."""

    @property
    def parts(self) -> list[Samples]:
        """The samples of each sentence."""
        return [self.samples[round(a * self.rate) : round(b * self.rate)] for a, b in self.bounds]

    @property
    def timeline(self) -> SpeechTimeline:
        """A timeline with a sentence in place of each word. It keeps their bounds when the tempo changes."""
        words = (TimedWord(text, *bounds) for text, bounds in zip(self.sentences, self.bounds, strict=True))
        return SpeechTimeline(len(self.samples) / self.rate, words=tuple(words))

    def changed(self, samples: Samples, rate: int, timeline: SpeechTimeline) -> "Reading":
        """Returns the same sentences in another voice, at the bounds of the changed timeline."""
        bounds = [(word.start, word.end) for word in timeline.words]
        return replace(self, samples=samples, rate=rate, bounds=bounds)


def read_aloud(voice: str, sentences: Sequence[str] = HARVARD) -> Reading:
    """Returns the sentences spoken by a voice, with a gap after each."""
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
    """Returns a reading in which each sentence is played backwards, in its place."""
    return replace(reading, samples=np.concatenate([part[::-1] for part in reading.parts]))


def word_error_rate(reading: Reading) -> float:
    """Returns the word error rate of all sentences together.

    PocketSphinx recognises each sentence by itself, after the size of the throat has been chosen.
    """
    recogniser = _recogniser(reading.vocabulary, _throat(reading))
    errors = words = 0
    for sentence, part in zip(reading.sentences, reading.parts, strict=True):
        reference = words_of(sentence)
        errors += word_errors(reference, recogniser.hear(part, reading.rate))
        words += len(reference)
    return errors / words


def _throat(reading: Reading) -> float:
    """Returns the one of `THROATS` that fits the first sentences best; always 1 with the large dictionary."""
    if not reading.vocabulary:
        return 1.0
    first = reading.parts[:SENTENCES_TO_GET_USED_TO]
    fits = {
        throat: sum(_recogniser(reading.vocabulary, throat).fit(part, reading.rate) for part in first)
        for throat in THROATS
    }
    return max(fits, key=lambda throat: fits[throat])


@functools.cache
def _recogniser(vocabulary: tuple[str, ...], throat: float) -> WordRecogniser:
    return WordRecogniser(vocabulary, throat=throat)
