"""Times the words that were recognised: by forced alignment, or by their lengths where that fails."""

from collections.abc import Sequence
from dataclasses import replace

from services.chassis.engine_api.timeline import TimedWord
from services.chassis.engine_api.transcript import TranscriptSegment
from services.voice.engines.sphinx.alignment import ENGLISH, MAX_FITTING_MISFIT, find_words, pronounced
from services.voice.engines.sphinx.pronunciation import Pronunciation
from services.voice.engines.sphinx.recogniser import ForcedAligner
from services.voice.engines.sphinx.sound import RATE, Pcm
from services.voice.engines.sphinx.words import build_timeline
from services.voice.engines.whisper_model import HeardText

TimedSegment = tuple[TranscriptSegment, tuple[TimedWord, ...]]


def timed_segments(pcm: Pcm, heard: Sequence[HeardText], aligner: ForcedAligner) -> list[TimedSegment]:
    """Returns the segments and their words, with times from the start of `pcm`."""
    spoken = [pronounced(each.text, ENGLISH, aligner) for each in heard]
    aligned = _aligned(pcm, [word for words in spoken for word in words], aligner)
    if aligned is None:
        return [_segment(each, spread(words, each)) for each, words in zip(heard, spoken, strict=True)]
    rest = iter(aligned)
    return [
        _segment(each, tuple(next(rest) for _ in words)) for each, words in zip(heard, spoken, strict=True)
    ]


def _aligned(
    pcm: Pcm, words: Sequence[Pronunciation], aligner: ForcedAligner
) -> tuple[TimedWord, ...] | None:
    found = find_words(pcm, list(words), aligner)
    if found is None or found.misfit > MAX_FITTING_MISFIT:
        return None
    return build_timeline(words, found, ENGLISH, len(pcm) / RATE).words


def spread(words: Sequence[Pronunciation], heard: HeardText) -> tuple[TimedWord, ...]:
    """Returns the words with times in proportion to their lengths."""
    pace = (heard.end - heard.start) / max(1, sum(len(word.text) for word in words))
    timed: list[TimedWord] = []
    start = heard.start
    for word in words:
        timed.append(TimedWord(word.text, start, start := start + pace * len(word.text)))
    return tuple(timed)


def _segment(heard: HeardText, words: tuple[TimedWord, ...]) -> TimedSegment:
    start, end = (words[0].start, words[-1].end) if words else (heard.start, heard.end)
    segment = TranscriptSegment(heard.text, start, end, heard.log_probability, heard.no_speech_probability)
    return segment, words


def later(segment: TimedSegment, seconds: float) -> TimedSegment:
    """Returns the segment and its words that many seconds later."""
    said, words = segment
    return (
        replace(said, start=said.start + seconds, end=said.end + seconds),
        tuple(replace(word, start=word.start + seconds, end=word.end + seconds) for word in words),
    )
