"""Makes a speaker of recordings: searches its style, and fits pitch, spectrum and level."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from services.chassis.engine_api.quality import QualityCheck, judge
from services.chassis.engine_api.spec import Progress
from services.chassis.errors import InvalidArgument
from services.tts.engines.cloning.pitch import median_pitch
from services.tts.engines.cloning.references import (
    ADVICE,
    References,
    at_encoder_rate,
    read_references,
)
from services.tts.engines.cloning.speaker_encoder import Embedding, SpeakerEncoder
from services.tts.engines.kokoro.cloning.rendering import Rendered, render
from services.tts.engines.kokoro.cloning.speaker_file import KokoroSpeaker
from services.tts.engines.kokoro.cloning.spectrum import Levels, band_levels, equaliser, matching_gain
from services.tts.engines.kokoro.cloning.stock_voices import PROBE, stock_voices
from services.tts.engines.kokoro.cloning.style_search import StyleSearch
from services.tts.engines.kokoro.voice_model import RATE, KokoroModel, Timbre
from services.tts.engines.kokoro.voices import VOICES

FITTED = "Bring the letters to my room before noon, then we can see which of them have to be answered."
UNSEEN = "They walked along the river until the moon rose over the hills and the air grew cold."
"""Sentences by which pitch and spectrum are fitted, and the similarity is measured."""
LEVEL_DB = -22.0
"""RMS of the speech of stock voices, without pauses."""
MAX_PEAK = 0.7
"""Peak of two sentences: that of others is higher by some decibels."""
MIN_SIMILARITY = 0.7
"""Cosine below which a listener is to be warned."""
_READ, _SEARCHED = 0.05, 0.85
"""Progress after the recordings are read, and after the search."""

SignsOf = Callable[[str], Sequence[str]]
"""Returns the signs of an American English sentence."""


@dataclass(frozen=True, slots=True)
class Cloned:
    """A speaker, the seconds of speech that it was made from, and how alike it is on an unseen sentence."""

    speaker: KokoroSpeaker
    seconds: float
    similarity: QualityCheck


@dataclass(frozen=True, slots=True)
class Target:
    """What is wanted: the recordings, their median pitch in Hz and the levels of their spectrum."""

    references: References
    pitch: float
    levels: Levels


def clone(
    model: KokoroModel,
    encoder: SpeakerEncoder,
    signs_of: SignsOf,
    references: Sequence[Path],
    renders: int,
) -> Iterator[Progress | Cloned]:
    """Yields progress, then the speaker.

    Raises `InvalidArgument` and `MediaUnreadable`.
    """
    target = _target(read_references(references, encoder))
    yield Progress(_READ)
    style = yield from _search(model, encoder, signs_of(PROBE), target, renders)
    speaker = _fitted(model, style, [signs_of(each) for each in (PROBE, FITTED)], target)
    said = render(model, signs_of(UNSEEN), speaker.timbre())
    cosine = float(encoder.embed(at_encoder_rate(said.samples)) @ target.references.voice)
    seen = (
        f"The voice is like the recordings by {cosine:.2f} only. Longer recordings, without noise or room, "
        "may bring it nearer."
    )
    check = judge("speaker_similarity", cosine, lower=MIN_SIMILARITY, seen=seen)
    yield Cloned(speaker, target.references.seconds, check)


def _target(references: References) -> Target:
    pitch = median_pitch(references.samples, RATE)
    if pitch is None:
        raise InvalidArgument(f"the recordings have no voiced speech: {ADVICE}")
    return Target(references, pitch, band_levels(references.samples, RATE))


def _search(
    model: KokoroModel, encoder: SpeakerEncoder, signs: Sequence[str], target: Target, renders: int
) -> Generator[Progress, None, NDArray[np.float64]]:
    """Yields progress; returns the style whose speech, with the target's pitch and spectrum, is nearest."""
    stock = stock_voices(list(VOICES))
    styles = [model.timbre(name).styles[len(signs) - 1, 0].astype(np.float64) for name in stock]
    search = StyleSearch(styles, list(stock.values()), target.references.voice)
    for number in range(1, renders + 1):
        said = render(model, signs, timbre_of(search.propose()), target.pitch)
        search.hear(_heard(encoder, said.samples, target) if said.is_speech else None)
        yield Progress(_READ + (_SEARCHED - _READ) * number / renders)
    return search.style


def _heard(encoder: SpeakerEncoder, samples: NDArray[np.float32], target: Target) -> Embedding:
    return encoder.embed(at_encoder_rate(_filtered(samples, _gain(samples, target))))


def timbre_of(style: NDArray[np.float64]) -> Timbre:
    """Returns the timbre of a bare style."""
    return KokoroSpeaker(tuple(style.tolist())).timbre()


def _fitted(
    model: KokoroModel, style: NDArray[np.float64], sentences: Sequence[Sequence[str]], target: Target
) -> KokoroSpeaker:
    """Returns the speaker of a style, with the pitch, the spectrum and the level that fit the target."""
    said = [render(model, signs, timbre_of(style), target.pitch) for signs in sentences]
    samples = np.concatenate([each.samples for each in said])
    gain = _gain(samples, target)
    return replace(
        KokoroSpeaker(tuple(style.tolist()), gain=tuple(gain.tolist())),
        semitones=_semitones(said, target.pitch),
        decibels=_decibels(_filtered(samples, gain)),
    )


def _gain(samples: NDArray[np.float32], target: Target) -> Levels:
    return matching_gain(band_levels(samples, RATE), target.levels, target.references.highest)


def _filtered(samples: NDArray[np.float32], gain: Levels) -> NDArray[np.float32]:
    return np.convolve(samples, equaliser(gain, RATE), mode="same").astype(np.float32)


def _semitones(said: Sequence[Rendered], pitch: float) -> float:
    """Returns the semitones by which the melodies of sentences come to a median pitch."""
    heard = median_pitch(np.concatenate([each.samples for each in said]), RATE) or pitch
    moved = float(np.mean([each.semitones for each in said]))
    return moved + 12 * float(np.log2(pitch / heard))


def _decibels(samples: NDArray[np.float32]) -> float:
    """Returns the gain to the level of the other voices, without clipping."""
    level = float(np.sqrt(np.mean(np.square(samples, dtype=np.float64))))
    wanted = 10 ** (LEVEL_DB / 20) / level
    return 20 * float(np.log10(min(wanted, MAX_PEAK / float(np.abs(samples).max()))))
