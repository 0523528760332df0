"""Finds given words in speech, and recognises unknown ones, with PocketSphinx."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pocketsphinx import Decoder  # pyright: ignore[reportUnknownVariableType] - it has no types

from services.voice.engines.sphinx.sound import Pcm

FRAMES_PER_SECOND = 100
# The recogniser's frame n covers 25.6 ms from n × 10 ms on, so its time is the middle of that.
_LATER = 0.0078
# Synthetic speech, and voices unlike those of the model, fall outside of the usual beams.
_WIDE = {"beam": 1e-100, "wbeam": 1e-80, "pbeam": 1e-100}
_SWIFT = {"maxhmmpf": 5000, "maxwpf": 10}
_QUIET = {"loglevel": "FATAL", "samprate": 16000, "cmn": "batch"}
_MIN_PIECE, _MAX_PIECE = 800, 2000
_PAUSE = 5


@dataclass(frozen=True, slots=True)
class HeardPhone:
    """A phone, by its `name` in ARPAbet, with its times in seconds."""

    name: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class HeardWords:
    """The phones of each word in turn.

    `misfit` is how badly the sound fits them, for every frame: about 15 for clear speech and its words, above
    50 for other words.
    """

    words: tuple[tuple[HeardPhone, ...], ...]
    misfit: float


class ForcedAligner:
    """Aligns words that are known to be spoken.

    It starts with the decoder's initial state, so that no speech depends on one before.
    """

    def __init__(self) -> None:
        self._decoder = _decoder(lm=None, bestpath=False, **_QUIET, **_WIDE)

    def knows(self, word: str) -> bool:
        return self._decoder.lookup_word(word) is not None

    def learn(self, words: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Adds names with their phones to the dictionary."""
        for name, phones in words:
            if not self.knows(name):
                self._decoder.add_word(name, " ".join(phones), True)

    def find(self, pcm: Pcm, names: Sequence[str]) -> HeardWords | None:
        """Returns all of the words, in this order; `None` if the sound cannot be theirs."""
        spans = self._spans(pcm, names)
        if spans is None:
            return None
        words: list[tuple[HeardPhone, ...]] = []
        misfit = frames = 0.0
        for first, last, begin, end in _pieces(spans, len(pcm)):
            found = self._phones(pcm[begin * 160 : end * 160], names[first:last])
            if found is None:
                return None
            words += [tuple(_heard(phone, begin) for phone in word) for word in found]
            misfit -= sum(score for word in found for *_, score in word)
            frames += sum(duration for word in found for _, _, duration, _ in word)
        return HeardWords(tuple(words), misfit / frames)

    def _spans(self, pcm: Pcm, names: Sequence[str]) -> list[tuple[int, int]] | None:
        """Returns the first and last frame of each word."""
        if not self._decode(pcm, names):
            return None
        spans = [
            (segment.start_frame, segment.end_frame + 1)
            for segment in self._decoder.seg()
            if _is_word(segment.word)
        ]
        return spans if len(spans) == len(names) else None

    def _phones(self, pcm: Pcm, names: Sequence[str]) -> list[list[tuple[str, int, int, int]]] | None:
        """Returns name, first frame, length and score of the phones of each word."""
        if not self._decode(pcm, names):
            return None
        self._decoder.set_alignment()
        self._hear(pcm)
        alignment = self._decoder.get_alignment()  # the segments are valid only as long as the decoder
        found = [
            [(phone.name, phone.start, phone.duration, phone.score) for phone in word]
            for word in alignment
            if _is_word(word.name)
        ]
        return found if len(found) == len(names) else None

    def _decode(self, pcm: Pcm, names: Sequence[str]) -> bool:
        self._decoder.set_align_text(" ".join(names))
        self._hear(pcm)
        return self._decoder.hyp() is not None

    def _hear(self, pcm: Pcm) -> None:
        self._decoder.start_utt()
        self._decoder.process_raw(pcm.tobytes(), full_utt=True)
        self._decoder.end_utt()


def _decoder(**options: Any) -> Any:
    return cast(Any, Decoder)(**options)


def _pieces(spans: Sequence[tuple[int, int]], samples: int) -> Iterator[tuple[int, int, int, int]]:
    """Yields first and last word, first and last frame of pieces that end in pauses, where there are any.

    The memory that the search for phones needs grows with the square of the length.
    """
    first = begin = 0
    for number in range(1, len(spans)):
        end, start = spans[number - 1][1], spans[number][0]
        cut = (end + start) // 2
        if cut - begin >= (_MIN_PIECE if start - end >= _PAUSE else _MAX_PIECE):
            yield first, number, begin, cut
            first, begin = number, cut
    yield first, len(spans), begin, samples // 160


def _heard(phone: tuple[str, int, int, int], begin: int) -> HeardPhone:
    name, start, duration, _ = phone
    start, end = begin + start, begin + start + duration
    return HeardPhone(name, start / FRAMES_PER_SECOND + _LATER, end / FRAMES_PER_SECOND + _LATER)


def _is_word(name: str) -> bool:
    return name[0] not in "<[+("


def recognise(pieces: Iterable[Pcm]) -> Iterator[list[str]]:
    """Yields the English words in each piece of a speech."""
    decoder = _decoder(**_QUIET, **_SWIFT)
    for pcm in pieces:
        decoder.start_utt()
        decoder.process_raw(pcm.tobytes(), full_utt=True)
        decoder.end_utt()
        words = (segment.word for segment in decoder.seg() or ())
        yield [word.partition("(")[0] for word in words if _is_word(word)]
