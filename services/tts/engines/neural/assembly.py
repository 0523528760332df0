"""Makes chunks of the sounds of a model: trimmed, with pauses between them, timed."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.timeline import TimedPhoneme, TimedWord
from services.tts.engines.neural.alphabet import SPACE, is_sound
from services.tts.engines.neural.manner import Shade, shade
from services.tts.engines.neural.marks import Mark
from services.tts.engines.neural.timing import WordTime, loudness_levels, time_words
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.script.writing import without_outer_punctuation

_SENTENCE_PAUSE, _CLAUSE_PAUSE, _WORD_PAUSE = 0.34, 0.16, 0.03
_SENTENCE_SIGNS, _CLAUSE_SIGNS = frozenset(".!?…"), frozenset(",;:—")
_EDGE_SECONDS = 0.04
"""Seconds that are kept before the first and after the last word; the models add half a second to each."""
_FADE_SECONDS = 0.008
_FIRST_SECONDS = 0.25
"""Least length of the first chunk."""
_FULL_SCALE = 32767


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono samples, shape (n,), float32 of -1 to 1, and the seconds of each sign, after `lead` seconds."""

    samples: NDArray[np.float32]
    seconds: Sequence[float]
    lead: float


_Timed = TypeVar("_Timed", TimedPhoneme, WordTime)
Speak = Callable[[Sequence[str], Sequence[Shade]], Sound]
"""Speaks signs, each with its shade."""


def assemble(
    request: Speech, parts: Iterable[Sequence[Mark]], speak: Speak, sample_rate: int
) -> Iterator[AudioChunk]:
    """Yields a chunk for each part of the marks that has a sound, and the pauses between them.

    The first part is in two chunks, of which the first is short: what encodes and sends it waits less.
    """
    position, pause, shown = 0, 0.0, -1
    for marks in parts:
        shades = [shade(request, request.tokens[mark.token].manner) for mark in marks]
        sound = speak([mark.sign for mark in marks], shades) if marks else None
        words = _timed(marks, sound, sample_rate) if sound else ()
        if sound is None or not words:
            continue
        silence = np.zeros(round(pause * sample_rate), np.int16)
        samples, start = _trimmed(sound.samples, words, sample_rate)
        offset = (position + len(silence)) / sample_rate - start
        is_first = not position
        position += len(silence) + len(samples)
        end = position / sample_rate
        chunk = AudioChunk(
            np.concatenate([silence, samples]),
            sample_rate,
            tuple(
                _shown(request, _moved(word, offset, end), until)
                for word, until in _until_next(words, marks)
                if word.token > shown  # the rest of a long one was shown with its beginning
            ),
            tuple(_moved(phoneme, offset, end) for word in words for phoneme in word.phonemes),
        )
        yield from _begun_soon(chunk) if is_first else (chunk,)
        pause, shown = _pause_after(marks) / shades[-1].rate, words[-1].token
    if position and request.goes_on:
        yield AudioChunk(np.zeros(round(max(pause, _CLAUSE_PAUSE) * sample_rate), np.int16), sample_rate)


def _begun_soon(chunk: AudioChunk) -> Iterator[AudioChunk]:
    """Yields the first chunk of a speech in two, cut where a word begins, or whole if it is short."""
    cut = next((word.start for word in chunk.words if word.start >= _FIRST_SECONDS), None)
    if cut is None:
        yield chunk
        return
    sample = round(cut * chunk.sample_rate)
    words = sum(word.start < cut for word in chunk.words)
    phonemes = sum(phoneme.start < cut for phoneme in chunk.phonemes)
    yield replace(
        chunk, samples=chunk.samples[:sample], words=chunk.words[:words], phonemes=chunk.phonemes[:phonemes]
    )
    yield replace(
        chunk, samples=chunk.samples[sample:], words=chunk.words[words:], phonemes=chunk.phonemes[phonemes:]
    )


def _timed(marks: Sequence[Mark], sound: Sound, sample_rate: int) -> tuple[WordTime, ...]:
    levels = loudness_levels(sound.samples, sample_rate)
    return time_words(marks, sound.seconds, sound.lead, levels)


def _trimmed(
    samples: NDArray[np.float32], words: Sequence[WordTime], sample_rate: int
) -> tuple[NDArray[np.int16], float]:
    """Returns the samples from shortly before the first word to shortly after the last, and where they
    begin in seconds. They begin and end in silence."""
    first = max(0, round((words[0].start - _EDGE_SECONDS) * sample_rate))
    end = round((words[-1].end + _EDGE_SECONDS) * sample_rate)
    kept = samples[first:end].copy()
    fade = min(round(_FADE_SECONDS * sample_rate), len(kept) // 2)
    ramp = np.linspace(0, 1, fade, endpoint=False, dtype=np.float32)
    kept[:fade] *= ramp
    kept[len(kept) - fade :] *= ramp[::-1]
    return (np.clip(kept, -1, 1) * _FULL_SCALE).astype(np.int16), first / sample_rate


def _until_next(words: Sequence[WordTime], marks: Sequence[Mark]) -> Iterator[tuple[WordTime, int]]:
    """Yields each word with the index of the token at which the next one begins."""
    for word, following in itertools.zip_longest(words, words[1:]):
        yield word, following.token if following else marks[-1].token + 1


def _shown(request: Speech, word: WordTime, until: int) -> TimedWord:
    """Returns a word as it is written, with the tokens without a sound of their own that are joined to it."""
    shown, token = "", word.token
    while token < until:
        shown += request.tokens[token].shown
        if request.tokens[token].tail or request.tokens[token].gap:
            break
        token += 1
    return TimedWord(without_outer_punctuation(shown) or shown, word.start, word.end)


def _moved(timed: _Timed, offset: float, end: float) -> _Timed:
    """Returns what is timed later by `offset`, and ended by `end`: the next part may begin there."""
    return replace(timed, start=timed.start + offset, end=min(timed.end + offset, end))


def _pause_after(marks: Sequence[Mark]) -> float:
    """Returns the seconds of silence between a part and the next. Behind a sound there is none: the
    next part begins where it ends."""
    for mark in reversed(marks):
        if mark.sign in _SENTENCE_SIGNS:
            return _SENTENCE_PAUSE
        if mark.sign in _CLAUSE_SIGNS:
            return _CLAUSE_PAUSE
        if mark.sign == SPACE:
            return _WORD_PAUSE
        if is_sound(mark.sign):
            break
    return 0.0
