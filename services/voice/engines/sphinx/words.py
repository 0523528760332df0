"""Builds the speech timeline from the recogniser's result."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme, TimedWord
from services.voice.engines.sphinx.pronunciation import Pronunciation
from services.voice.engines.sphinx.recogniser import HeardPhone, HeardWords

# The misfit above which confidence is 0, and the one below which it is 1.
_WORST, _BEST = 60.0, 15.0
_MAX_CONFIDENCE = 0.95
# Factor of the confidence of sounds whose words are not known.
_WORDLESS = 0.5


def build_timeline(
    words: Sequence[Pronunciation], found: HeardWords, language: str, seconds: float
) -> SpeechTimeline:
    """Returns the timeline of `words`, which were found in this order."""
    spoken = [list(_phonemes(word, heard, seconds)) for word, heard in zip(words, found.words, strict=True)]
    return SpeechTimeline(
        duration=seconds,
        language=language,
        words=tuple(
            TimedWord(word.text, phonemes[0].start, phonemes[-1].end)
            for word, phonemes in zip(words, spoken, strict=True)
        ),
        phonemes=tuple(phoneme for phonemes in spoken for phoneme in phonemes),
        confidence=min(_MAX_CONFIDENCE, max(0.0, (_WORST - found.misfit) / (_WORST - _BEST))),
    )


def without_words(timeline: SpeechTimeline) -> SpeechTimeline:
    """Returns the timeline with the sounds of its words alone, which are less certain than words."""
    return replace(timeline, words=(), confidence=timeline.confidence * _WORDLESS)


def _phonemes(word: Pronunciation, heard: Sequence[HeardPhone], seconds: float) -> Iterator[TimedPhoneme]:
    first = 0
    for sound, count in word.spell([phone.name for phone in heard]):
        start, end = heard[first].start, heard[first + count - 1].end
        yield TimedPhoneme(sound.ipa, min(start, seconds), min(end, seconds), sound.stress)
        first += count
