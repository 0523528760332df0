"""PocketSphinx, which knows nothing of the scripts: the words and sounds that it hears."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soxr
from numpy.typing import NDArray
from pocketsphinx import Decoder, get_model_path

RATE = 16_000
DITHER = 30 / 32768
"""Digital silence between synthetic words makes the recogniser drop them: a recording is never so silent."""
FRAMES_PER_SECOND = 100
LATER = 0.0078
"""Frame n looks at 25.6 ms from n × 10 ms on, and so speaks of the 10 ms in their middle."""
Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HeardSound:
    """An ARPABET phone such as `AA`, or `SIL`, and its seconds."""

    name: str
    start: float
    end: float


class WordRecogniser:
    """With its own large English model, or with a vocabulary: then it knows these words alone, in any order,
    each as likely as another."""

    def __init__(self, vocabulary: Iterable[str] = ()) -> None:
        words = sorted(set(vocabulary))
        with TemporaryDirectory() as folder:
            model = Path(folder) / "words.arpa"
            model.write_text(_equal_chances(words))
            own = {"lm": str(model)} if words else {}
            self._decoder = Decoder(samprate=RATE, loglevel="FATAL", **own)

    def hear(self, samples: Samples, rate: int) -> list[str]:
        """The words in mono samples, shape (n,)."""
        _listen(self._decoder, samples, rate)
        hypothesis = self._decoder.hyp()
        return words_of(hypothesis.hypstr) if hypothesis else []


def recognise_sounds(samples: Samples, rate: int) -> list[HeardSound]:
    """The English sounds that it hears, in order and without gaps; it is given no words."""
    model = f"{get_model_path()}/en-us"
    decoder = Decoder(
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
    """Where the sounds of a known English text are, by forced alignment.

    Its words must be in the recogniser's dictionary.
    """
    decoder = Decoder(samprate=RATE, loglevel="FATAL")
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
    return re.findall(r"[a-z']+", text.lower().replace("-", " "))


def word_errors(reference: list[str], heard: list[str]) -> int:
    """The edit distance between the two, in words."""
    row = np.arange(len(heard) + 1)
    for count, word in enumerate(reference, start=1):
        previous, row = row, np.empty_like(row)
        row[0] = count
        for index, other in enumerate(heard, start=1):
            row[index] = min(previous[index] + 1, row[index - 1] + 1, previous[index - 1] + (word != other))
    return int(row[-1])


def _seconds(frame: int) -> float:
    return frame / FRAMES_PER_SECOND + LATER if frame else 0.0


def _equal_chances(words: Sequence[str]) -> str:
    """A language model in ARPA's format."""
    chance = -math.log10(len(words) + 1)
    lines = "\n".join(f"{chance:.4f} {word}" for word in ("</s>", *words))
    return f"\\data\\\nngram 1={len(words) + 2}\n\n\\1-grams:\n-99 <s>\n{lines}\n\\end\\\n"


def _listen(decoder: Decoder, samples: Samples, rate: int) -> None:
    audio = soxr.resample(samples, rate, RATE)
    audio = audio + np.random.default_rng(0).normal(0, DITHER, len(audio))
    decoder.start_utt()
    decoder.process_raw((np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes(), full_utt=True)
    decoder.end_utt()
