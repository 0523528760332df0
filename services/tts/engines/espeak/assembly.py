"""Turns the library's blocks and events into chunks with words and phonemes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.ipa import is_pause, parse_phoneme
from services.chassis.engine_api.timeline import Stress, TimedPhoneme, TimedWord
from services.tts.engines.espeak.library import Block, Event, EventKind
from services.tts.engines.espeak.script import Script
from services.tts.engines.protocol import AudioChunk

_LATE_SHARE = 1 / 3
_SECOND_CHUNK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class _Sounding:
    ipa: str
    stress: Stress
    start: int


@dataclass(slots=True)
class _Spoken:
    position: int
    start: int
    end: int


def assemble(blocks: Iterable[Block], script: Script, sample_rate: int) -> Iterator[AudioChunk]:
    """Yields the speech in chunks that end where a word begins, so that each holds its words whole.

    The first chunk is the first word. The others grow to one second, since each chunk has a cost of its own.
    """
    assembly = _Assembly(script, sample_rate)
    for block in blocks:
        assembly.append(block.samples)
        for event in block.events:
            assembly.apply(event)
        if chunk := assembly.take():
            yield chunk
    if chunk := assembly.finish():
        yield chunk


class _Assembly:
    def __init__(self, script: Script, sample_rate: int) -> None:
        self._script = script
        self._rate = sample_rate
        self._buffer: NDArray[np.int16] = np.zeros(0, np.int16)
        self._held = 0
        """Number of samples in the buffer. It has room for more: a word may come in thousands of blocks."""
        self._first = 0
        self._cut = 0
        self._enough = 1
        self._latest = 0
        self._word: _Spoken | None = None
        self._next_position: int | None = None
        self._sounding: _Sounding | None = None
        self._words: list[TimedWord] = []
        self._phonemes: list[TimedPhoneme] = []

    def append(self, samples: NDArray[np.int16]) -> None:
        end = self._held + len(samples)
        if end > len(self._buffer):
            self._buffer = np.concatenate([self._buffer[: self._held], np.zeros(end, np.int16)])
        self._buffer[self._held : end] = samples
        self._held = end

    def apply(self, event: Event) -> None:
        # Above 450 words a minute the library shortens the sound without moving the events.
        event = replace(event, sample=min(event.sample, self._received))
        if event.kind is EventKind.WORD:
            self._expect_word(self._script.word_start(event.position))
        elif event.kind is EventKind.PHONEME and is_pause(event.phoneme):
            self._silence(event.sample)
        elif event.kind is EventKind.PHONEME:
            self._sound(event)
        elif event.kind is EventKind.END:
            self._silence(event.sample)
        self._latest = max(self._latest, event.sample)

    def take(self) -> AudioChunk | None:
        """Returns the samples before the current word, once there are enough for a chunk."""
        if self._cut - self._first < self._enough:
            return None
        self._enough = min(self._rate, max(2 * self._enough, round(_SECOND_CHUNK_SECONDS * self._rate)))
        return self._chunk(self._cut)

    def finish(self) -> AudioChunk | None:
        end = self._received
        self._silence(end)
        self._close_word(None)
        return self._chunk(end) if end > self._first else None

    @property
    def _received(self) -> int:
        return self._first + self._held

    def _expect_word(self, position: int) -> None:
        if self._word is None or position > self._word.position:
            self._next_position = position

    def _silence(self, sample: int) -> None:
        if self._sounding is not None:
            self._close_phoneme(max(sample, self._sounding.start))

    def _sound(self, event: Event) -> None:
        ipa, stress = parse_phoneme(event.phoneme)
        if not ipa:
            return
        start = self._onset(event.sample)
        self._silence(start)
        if self._next_position is not None:
            self._close_word(self._next_position)
            self._word, self._next_position = _Spoken(self._next_position, start, start), None
            self._cut = start
        self._sounding = _Sounding(ipa, stress, start)

    def _onset(self, sample: int) -> int:
        """Returns where a phoneme begins whose event is at `sample`.

        The library puts the event after the closure of a stop: the digital silence before it, back to the
        previous event, belongs to the phoneme.
        """
        closure = self._buffer[max(self._latest, self._first) - self._first : sample - self._first]
        heard = np.flatnonzero(closure)
        silent = len(closure) if not len(heard) else len(closure) - 1 - int(heard[-1])
        return sample - silent

    def _close_phoneme(self, end: int) -> None:
        sounding, self._sounding = self._sounding, None
        if sounding is None:
            return
        start = sounding.start if end > sounding.start else self._borrow(end)
        if start == end:
            return
        phoneme = TimedPhoneme(sounding.ipa, start / self._rate, end / self._rate, sounding.stress)
        self._phonemes.append(phoneme)
        if self._word is not None:
            self._word.end = end

    def _borrow(self, end: int) -> int:
        """Returns the start of a phoneme whose event came only at its `end`, as /l/ in "world".

        It takes the last part of the phoneme before it; without one it returns `end`.
        """
        last = self._phonemes[-1] if self._phonemes else None
        if last is None or self._word is None or last.start * self._rate < self._word.start - 0.5:
            return end
        if round(last.end * self._rate) != end:
            return end
        start = end - round((last.end - last.start) * self._rate * _LATE_SHARE)
        self._phonemes[-1] = replace(last, end=start / self._rate)
        return start

    def _close_word(self, next_position: int | None) -> None:
        word, self._word = self._word, None
        if word is None or word.end <= word.start:
            return
        text = self._script.words_between(word.position, next_position)
        self._words.append(TimedWord(text, word.start / self._rate, word.end / self._rate))

    def _chunk(self, end: int) -> AudioChunk:
        samples, rest = np.split(self._buffer[: self._held].copy(), [end - self._first])
        self._buffer, self._held = rest, len(rest)
        words, self._words = tuple(self._words), []
        begun = sum(phoneme.start * self._rate < end - 0.5 for phoneme in self._phonemes)
        phonemes, self._phonemes = tuple(self._phonemes[:begun]), self._phonemes[begun:]
        self._first = end
        return AudioChunk(samples, self._rate, words, phonemes)
