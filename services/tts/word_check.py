"""Checks how many words of English speech a recogniser understands without knowing their order."""

import math
import re
from collections.abc import Sequence, Set
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np
import soundfile
import soxr

from services.chassis.engine_api.quality import judge
from services.tts.synthesize import SpokenFile

LANGUAGE = "en"
MAX_WORD_ERRORS = 0.85
"""The recogniser was trained on people: of clear synthetic words it gets about half wrong."""
MIN_WORDS = 5
_RATE = 16_000
# The second and third pass tell right words from wrong ones no better, and take a quarter of the time.
_DECODING = {"samprate": _RATE, "loglevel": "FATAL", "fwdflat": False, "bestpath": False}
_DITHER = 1e-3
"""Dither is added because digital silence makes the recogniser drop words."""


def share_heard(spoken: SpokenFile) -> float:
    """Returns the share of the words of a speech that a recogniser hears, from 0 to 1."""
    words = [word for word in (plain(each.text) for each in spoken.timeline.words) if word]
    heard = heard_words(spoken.path, spoken.timeline.duration, words)
    return max(0.0, 1 - errors_between(words, heard) / max(1, len(words)))


def with_words_checked(spoken: SpokenFile, seconds: float) -> SpokenFile:
    """Returns the speech with the check `word_errors`, of the words in its first `seconds`.

    Speech in another language, or with fewer than `MIN_WORDS` words of letters, is returned unchanged.
    """
    written = (plain(word.text) for word in spoken.timeline.words if word.end <= seconds)
    words = [word for word in written if word]
    if spoken.timeline.language.partition("-")[0] != LANGUAGE or len(words) < MIN_WORDS:
        return spoken
    wrong = errors_between(words, heard_words(spoken.path, seconds, words)) / len(words)
    seen = f"A recogniser gets {wrong:.0%} of the words wrong."
    return replace(
        spoken, checks=(*spoken.checks, judge("word_errors", wrong, upper=MAX_WORD_ERRORS, seen=seen))
    )


def heard_words(path: Path, seconds: float, words: Sequence[str]) -> list[str]:
    """Returns the recognised ones of `words`, in order; words outside the dictionary are never recognised."""
    decoder = _decoder(sorted(set(words)))
    decoder.start_utt()
    decoder.process_raw(_pcm(path, seconds), full_utt=True)
    decoder.end_utt()
    heard = decoder.hyp()
    return heard.hypstr.split() if heard else []


def errors_between(words: Sequence[str], heard: Sequence[str]) -> int:
    """Returns how many words must be changed, left out or added to turn one into the other."""
    row = list(range(len(heard) + 1))
    for count, word in enumerate(words, 1):
        diagonal, row[0] = row[0], count
        for index, other in enumerate(heard, 1):
            least = min(diagonal + (word != other), row[index] + 1, row[index - 1] + 1)
            diagonal, row[index] = row[index], least
    return row[-1]


def plain(word: str) -> str:
    return re.sub(r"[^a-z']", "", word.lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))


def _decoder(words: Sequence[str]) -> Any:
    """Returns a `pocketsphinx.Decoder` that takes each word for equally likely in every place."""
    from pocketsphinx import Decoder  # pyright: ignore[reportUnknownVariableType] - it has no types

    chance = -math.log10(len(words) + 1)
    lines = "\n".join(f"{chance:.4f} {word}" for word in ("</s>", *words))
    with TemporaryDirectory() as folder:
        model, dictionary = Path(folder) / "words.arpa", Path(folder) / "words.dict"
        count = lines.count("\n") + 2
        model.write_text(f"\\data\\\nngram 1={count}\n\n\\1-grams:\n-99 <s>\n{lines}\n\\end\\\n")
        dictionary.write_text(_dictionary(set(words)))
        return cast(Any, Decoder)(lm=str(model), dict=str(dictionary), **_DECODING)


def _dictionary(words: Set[str]) -> str:
    """Returns PocketSphinx's entries for these words.

    Given all 134,000 entries it takes four seconds to find those of the language model, and hears the same.
    """
    from pocketsphinx import get_model_path  # pyright: ignore[reportUnknownVariableType] - it has no types

    folder = Path(cast(Any, get_model_path)())
    with (folder / "en-us" / "cmudict-en-us.dict").open() as entries:
        return "".join(entry for entry in entries if re.split(r"[ (]", entry, maxsplit=1)[0] in words)


def _pcm(path: Path, seconds: float) -> bytes:
    with soundfile.SoundFile(path) as file:
        samples = np.asarray(file.read(round(seconds * file.samplerate), dtype="float32"), dtype=np.float32)
        audio = soxr.resample(samples, file.samplerate, _RATE)
    audio = audio + np.random.default_rng(0).normal(0, _DITHER, len(audio))
    return (np.clip(audio, -1, 1) * 32767).astype("<i2").tobytes()
