"""Recognises words and sounds with PocketSphinx, which is not given the scripts."""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, cast

import numpy as np
import soxr  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from pocketsphinx import Decoder, get_model_path  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType]

RATE = 16_000
DITHER = 30 / 32768
"""Standard deviation of the noise that is added. A recording is never as silent as digital silence between
synthetic words, which makes the recogniser drop them."""
EXPECTED = 0.3
"""Weight of the given sentences, from 0 to 1: the probability of the words that follow in them. The rest is
spread evenly over all their words."""
FRAMES_PER_SECOND = 100
LATER = 0.0078
"""Seconds from the start of frame n to the 10 ms that it describes: it covers 25.6 ms from n × 10 ms on, and
describes the 10 ms in their middle."""
Samples = NDArray[np.float32]
_SERIAL = itertools.count()


@dataclass(frozen=True, slots=True)
class HeardSound:
    """An ARPABET phone such as `AA`, or `SIL`, with its start and end in seconds."""

    name: str
    start: float
    end: float


class Segment(Protocol):
    """A recognised sound and its first and last frame."""

    word: str
    start_frame: int
    end_frame: int


class Hypothesis(Protocol):
    """The best words and their score."""

    hypstr: str
    score: float


class AlignedPhone(Protocol):
    """An aligned sound with its first frame and its number of frames."""

    name: str
    start: int
    duration: int


class SphinxDecoder(Protocol):
    """The part of PocketSphinx's decoder that is used here. PocketSphinx has no stubs."""

    def start_utt(self) -> None: ...
    def process_raw(self, data: bytes, *, full_utt: bool) -> int: ...
    def end_utt(self) -> None: ...
    def hyp(self) -> Hypothesis | None: ...
    def seg(self) -> Iterable[Segment]: ...
    def set_align_text(self, text: str) -> None: ...
    def set_alignment(self) -> None: ...
    def get_alignment(self) -> Iterable[Iterable[AlignedPhone]]: ...


class WordRecogniser:
    """Recognises words with PocketSphinx's large English model, or only the words of given sentences.

    For the weight of the sentences see `EXPECTED`. Formants are divided by `throat`, which is above 1 for a
    vocal tract smaller than those that the model was trained on.
    """

    def __init__(self, sentences: Iterable[str] = (), *, throat: float = 1.0) -> None:
        texts = [words_of(sentence) for sentence in sentences]
        with TemporaryDirectory() as folder:
            model, dictionary = Path(folder) / "words.arpa", Path(folder) / "words.dict"
            model.write_text(_language_model(texts))
            dictionary.write_text(_dictionary({word for words in texts for word in words}))
            own = {"lm": str(model), "dict": str(dictionary), "cmn": "batch"} if texts else {}
            # PocketSphinx believes that it still warps as it did if the same text comes again, though another
            # decoder has ended that: a second number makes it another text, and is not used.
            warp = {"warp_type": "inverse_linear", "warp_params": f"{throat} {next(_SERIAL)}"}
            self._decoder: SphinxDecoder = Decoder(
                samprate=RATE, loglevel="FATAL", **own, **(warp if throat != 1 else {})
            )

    def hear(self, samples: Samples, rate: int) -> list[str]:
        """Returns the words in mono samples, shape (n,)."""
        _listen(self._decoder, samples, rate)
        hypothesis = self._decoder.hyp()
        return words_of(hypothesis.hypstr) if hypothesis else []

    def fit(self, samples: Samples, rate: int) -> float:
        """Returns how well the best words fit the sound, 0 or more. Comparable for the same samples only."""
        _listen(self._decoder, samples, rate)
        hypothesis = self._decoder.hyp()
        return hypothesis.score if hypothesis else 0.0


def recognise_sounds(samples: Samples, rate: int) -> list[HeardSound]:
    """Returns the English sounds that PocketSphinx hears, in order and without gaps. It is given no words."""
    model = f"{get_model_path()}/en-us"
    decoder = _build_decoder(
        hmm=f"{model}/en-us",
        allphone=f"{model}/en-us-phone.lm.bin",
        lm=None,
        dict=None,
        lw=2.0,
        beam=1e-20,
        pbeam=1e-20,
        samprate=RATE,
        loglevel="FATAL",
    )
    _listen(decoder, samples, rate)
    return [
        HeardSound(part.word, _seconds(part.start_frame), _seconds(part.end_frame + 1))
        for part in decoder.seg()
    ]


def align_sounds(samples: Samples, rate: int, text: str) -> list[HeardSound]:
    """Returns the sounds of a known English text with their times, by forced alignment.

    The words must be in the recogniser's dictionary.
    """
    decoder = _build_decoder(samprate=RATE, loglevel="FATAL")
    decoder.set_align_text(" ".join(words_of(text)))
    _listen(decoder, samples, rate)
    decoder.set_alignment()
    _listen(decoder, samples, rate)
    return [
        HeardSound(phone.name, _seconds(phone.start), _seconds(phone.start + phone.duration))
        for word in decoder.get_alignment()
        for phone in word
    ]


def words_of(text: str) -> list[str]:
    """Returns the words of a text in small letters, without punctuation."""
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


def word_errors(reference: list[str], heard: list[str]) -> int:
    """Returns the edit distance between the two, in words."""
    row = np.arange(len(heard) + 1)
    for count, word in enumerate(reference, start=1):
        previous, row = row, np.empty_like(row)
        row[0] = count
        for index, other in enumerate(heard, start=1):
            row[index] = min(previous[index] + 1, row[index - 1] + 1, previous[index - 1] + (word != other))
    return int(row[-1])


def _seconds(frame: int) -> float:
    return frame / FRAMES_PER_SECOND + LATER if frame else 0.0


def _dictionary(words: set[str]) -> str:
    """Returns PocketSphinx's entries for these words.

    Given all 134,000 entries it takes four seconds to find those of the language model, and hears the same.
    """
    with (Path(cast(str, get_model_path())) / "en-us" / "cmudict-en-us.dict").open() as entries:
        return "".join(entry for entry in entries if re.split(r"[ (]", entry, maxsplit=1)[0] in words)


def _language_model(texts: Sequence[Sequence[str]]) -> str:
    """Returns a bigram model of the texts in the ARPA format."""
    following = [pair for words in texts for pair in itertools.pairwise(("<s>", *words, "</s>"))]
    pairs, firsts = Counter(following), Counter(first for first, _ in following)
    words = ("</s>", *sorted({word for words in texts for word in words}))
    any_word = 1 / len(words)
    surprise = math.log10(1 - EXPECTED)
    ones = [f"{math.log10(any_word):.4f} {word} {surprise if word in firsts else 0:.4f}" for word in words]
    twos = [
        f"{math.log10(EXPECTED * count / firsts[first] + (1 - EXPECTED) * any_word):.4f} {first} {second}"
        for (first, second), count in sorted(pairs.items())
    ]
    return (
        f"\\data\\\nngram 1={len(ones) + 1}\nngram 2={len(twos)}\n\n"
        f"\\1-grams:\n-99 <s> {surprise:.4f}\n" + "\n".join(ones) + "\n\n"
        "\\2-grams:\n" + "\n".join(twos) + "\n\n\\end\\\n"
    )


def _build_decoder(**options: Any) -> SphinxDecoder:
    return Decoder(**options)  # pyright: ignore[reportUnknownVariableType] - no stubs


def _listen(decoder: SphinxDecoder, samples: Samples, rate: int) -> None:
    """Runs the decoder over the samples with a little noise."""
    audio = soxr.resample(samples, rate, RATE)
    audio = audio + np.random.default_rng(0).normal(0, DITHER, len(audio))
    decoder.start_utt()
    decoder.process_raw((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
