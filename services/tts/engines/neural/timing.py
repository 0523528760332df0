"""Times words and phonemes by the durations that a model has given to its signs.

The sums of durations are late against the sound, by constants that were fitted on the voices of Kokoro and of
its relatives against a forced aligner. The frames of a space belong to the word behind it, those of a stress
mark to its vowel. A word with no space before it, as in Japanese and Chinese, begins as a sound within a word
does. Around a pause the sound itself tells where a word ends and begins.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.timeline import Stress, TimedPhoneme
from services.tts.engines.neural.alphabet import (
    PAUSES,
    SPACE,
    STRESS_MARKS,
    VOWELS,
    ipa_of,
    is_sound,
)
from services.tts.engines.neural.marks import Mark

LATE_WORD, LATE_VOWEL, LATE_CONSONANT = 0.035, 0.040, 0.055
"""Seconds by which the durations begin late: of a word with its space, of a vowel and of a consonant."""
LONG_SPACE = 0.1
"""Seconds from which a space is a pause."""
LEVEL_SECONDS = 0.005
_WINDOW_SECONDS = 0.010
_QUIET_SHARE = 0.02
_SHORTEST_PAUSE = 0.03
_CLOSURE, _SOFT_ONSET, _LATE_CLOSURE = 0.05, 0.02, 0.03
"""Seconds for which a stop behind a pause is closed, for which other sounds are too soft to be noticed, and
by which a stop may be closed later than expected."""
_CLOSED_SHARE = 0.1
_STOPS = frozenset("pbtdkɡcɟqʈɖʔʦʣʧʤʨʥꭧ")
_SHORTEST_PHONEME = 0.005


@dataclass(frozen=True, slots=True)
class WordTime:
    """A word: the index of its token, its start and end in seconds, and its phonemes."""

    token: int
    start: float
    end: float
    phonemes: tuple[TimedPhoneme, ...]


@dataclass(slots=True)
class _Sound:
    sign: str
    ipa: str
    stress: Stress
    start: float


@dataclass(slots=True)
class _Word:
    token: int
    expected: float
    """Start by the durations."""
    after_pause: bool
    sounds: list[_Sound] = field(default_factory=list[_Sound])
    start: float = 0.0
    end: float = 0.0


def loudness_levels(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Returns the level of mono samples, shape (n,), every `LEVEL_SECONDS`, as a share of the highest."""
    hop, half = round(LEVEL_SECONDS * rate), round(_WINDOW_SECONDS * rate) // 2
    sums = np.concatenate(([0.0], np.cumsum(np.square(samples, dtype=np.float64))))
    middles = np.arange(0, len(samples), hop)
    low, high = np.maximum(middles - half, 0), np.minimum(middles + half, len(samples))
    levels = np.sqrt((sums[high] - sums[low]) / np.maximum(high - low, 1))
    return (levels / max(float(levels.max(initial=0.0)), 1e-9)).astype(np.float32)


def time_words(
    marks: Sequence[Mark], seconds: Sequence[float], lead: float, levels: NDArray[np.float32]
) -> tuple[WordTime, ...]:
    """Returns the words with a sound, in order and without overlap.

    `seconds` are the durations of the marks, `lead` is that of what stands before the first one; `levels`
    are those of the whole sound (see `loudness_levels`).
    """
    words = _words(marks, seconds, lead)
    if not words:
        return ()
    quiet = levels < _QUIET_SHARE
    before, after = _longest(quiet, 0.0, _latest_start(words[0])), _longest(quiet, _earliest_end(words[-1]))
    _begin(words[0], before[1] if before else words[0].sounds[0].start)
    words[-1].end = after[0] if after else len(levels) * LEVEL_SECONDS
    for before, word in itertools.pairwise(words):
        _part(before, word, quiet)
    for word in words:
        _close_stops(word, levels)
    return _in_order(words)


def _words(marks: Sequence[Mark], seconds: Sequence[float], lead: float) -> list[_Word]:
    words: list[_Word] = []
    at, space, stressed, pause = lead, None, None, True
    stress = Stress.NONE
    for mark, lasts in zip(marks, seconds, strict=True):
        if mark.sign == SPACE:
            space = at if space is None else space
            pause = pause or lasts > LONG_SPACE
        elif mark.sign in PAUSES:
            space, pause = at if space is None else space, True
        elif mark.sign in STRESS_MARKS:
            stress, stressed = Stress(STRESS_MARKS[mark.sign]), at
        elif is_sound(mark.sign):
            late = LATE_VOWEL if mark.sign in VOWELS else LATE_CONSONANT
            begins = (at if stressed is None else stressed) - late
            if not words or words[-1].token != mark.token:
                words.append(_Word(mark.token, begins if space is None else space - LATE_WORD, pause))
            words[-1].sounds.append(_Sound(mark.sign, mark.ipa or ipa_of(mark.sign), stress, begins))
            space, stressed, pause, stress = None, None, False, Stress.NONE
        at += lasts
    return words


def _begin(word: _Word, heard: float) -> None:
    """Sets the start of a word that is heard from a time on: a stop is silent at first, others are soft."""
    word.start = max(0.0, heard - (_CLOSURE if word.sounds[0].sign in _STOPS else _SOFT_ONSET))


def _part(last: _Word, word: _Word, quiet: NDArray[np.bool_]) -> None:
    """Sets the end of a word and the start of the next."""
    word.start = last.end = word.expected
    if word.after_pause and (found := _longest(quiet, _earliest_end(last), _latest_start(word))):
        last.end, heard = found
        _begin(word, heard)
        word.start = max(word.start, last.end)


def _earliest_end(word: _Word) -> float:
    return word.sounds[-1].start + 0.02


def _latest_start(word: _Word) -> float:
    return word.sounds[0].start + 2 * LATE_VOWEL


def _close_stops(word: _Word, levels: NDArray[np.float32]) -> None:
    """Moves the start of stops to where the sound before them has ended, if that is near."""
    for index, sound in enumerate(word.sounds):
        if sound.sign in _STOPS and (index or not word.after_pause):
            start = sound.start if index else word.start
            low = max(0, round(start / LEVEL_SECONDS))
            closed = np.flatnonzero(levels[low : low + round(_LATE_CLOSURE / LEVEL_SECONDS)] < _CLOSED_SHARE)
            sound.start = start + (int(closed[0]) * LEVEL_SECONDS if len(closed) else 0.0)
            word.start = word.start if index else sound.start


def _longest(quiet: NDArray[np.bool_], start: float, end: float = math.inf) -> tuple[float, float] | None:
    """Returns the longest quiet stretch between two times; `None` if all are short."""
    low, high = max(0, round(start / LEVEL_SECONDS)), round(min(end / LEVEL_SECONDS, len(quiet)))
    edges = np.flatnonzero(np.diff(np.concatenate(([False], quiet[low:high], [False])).astype(np.int8)))
    begins, ends = edges[::2], edges[1::2]
    if not len(begins):
        return None
    longest = int(np.argmax(ends - begins))
    found = (float(low + begins[longest]) * LEVEL_SECONDS, float(low + ends[longest]) * LEVEL_SECONDS)
    return found if found[1] - found[0] >= _SHORTEST_PAUSE else None


def _in_order(words: Sequence[_Word]) -> tuple[WordTime, ...]:
    timed: list[WordTime] = []
    at = 0.0
    for word in words:
        start = max(word.start, at)
        end = max(word.end, start + _SHORTEST_PHONEME * len(word.sounds))
        timed.append(WordTime(word.token, start, end, _phonemes(word, start, end)))
        at = end
    return tuple(timed)


def _phonemes(word: _Word, start: float, end: float) -> tuple[TimedPhoneme, ...]:
    """Returns the phonemes of a word, which fill it; each has at least `_SHORTEST_PHONEME`."""
    count = len(word.sounds)
    starts = [start, *(sound.start for sound in word.sounds[1:]), end]
    for index in range(1, count):
        starts[index] = max(starts[index], starts[index - 1] + _SHORTEST_PHONEME)
    for index in range(count - 1, 0, -1):
        starts[index] = min(starts[index], starts[index + 1] - _SHORTEST_PHONEME)
    return tuple(
        TimedPhoneme(sound.ipa, starts[index], starts[index + 1], sound.stress)
        for index, sound in enumerate(word.sounds)
    )
