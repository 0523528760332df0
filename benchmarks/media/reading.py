"""The Harvard sentences read aloud in one piece, and what of it is understood sentence by sentence."""

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
    def parts(self) -> list[Samples]:
        """Each sentence by itself."""
        return [self.samples[round(a * self.rate) : round(b * self.rate)] for a, b in self.bounds]

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
    return replace(reading, samples=np.concatenate([part[::-1] for part in reading.parts]))


def word_error_rate(reading: Reading) -> float:
    """Of all sentences together; PocketSphinx hears each by itself, when it has got used to the voice."""
    recogniser = _recogniser(reading.vocabulary, _throat(reading))
    errors = words = 0
    for sentence, part in zip(reading.sentences, reading.parts, strict=True):
        reference = words_of(sentence)
        errors += word_errors(reference, recogniser.hear(part, reading.rate))
        words += len(reference)
    return errors / words


def _throat(reading: Reading) -> float:
    """Which of `THROATS` fits the first sentences best; with the large dictionary there is only one."""
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
