"""Adds quality checks to the results of voice engines."""

from dataclasses import replace
from typing import TypeVar

import numpy as np
import soundfile

from services.chassis.engine_api.media_bounds import MAX_SAMPLES
from services.chassis.engine_api.quality import QualityCheck, failed, judge
from services.chassis.errors import MediaUnreadable
from services.chassis.speech.checks import speech_checks
from services.voice.engines.protocol import AlignedSpeech, ConvertedSpeech

MIN_CONFIDENCE = 0.3
_WAV = ("WAV", "WAVEX")

Made = TypeVar("Made", ConvertedSpeech, AlignedSpeech)


def with_checks(made: Made) -> Made:
    """Returns the result with its checks; those that the engine has made come first."""
    found = _of_alignment(made) if isinstance(made, AlignedSpeech) else _of_speech(made)
    return replace(made, checks=(*made.checks, *found))


def _of_speech(made: ConvertedSpeech) -> tuple[QualityCheck, ...]:
    """Checks no speaking rate: the TTS service has done that, and effects may change it.

    This runs in the worker, which decodes nothing but the WAV files that the protocol names.
    """
    try:
        with soundfile.SoundFile(made.path) as file:
            if file.format not in _WAV or file.channels != 1:
                raise MediaUnreadable(
                    f"the engine's speech is {file.format} with {file.channels} channels: it has to write a "
                    "mono 16-bit WAV"
                )
            samples = np.asarray(file.read(MAX_SAMPLES, dtype="float32"), np.float32)
            if not len(samples):
                raise MediaUnreadable("nothing is left of the speech: change its tempo less")
            return speech_checks(samples, file.samplerate, made.timeline, speed=None)
    except soundfile.LibsndfileError as exc:
        raise MediaUnreadable(
            f"the engine's speech cannot be read ({exc}): it has to write a mono 16-bit WAV"
        ) from exc


def _of_alignment(made: AlignedSpeech) -> tuple[QualityCheck, ...]:
    if failed(made.checks):  # no transcript helps where nothing is heard
        return ()
    sure = made.timeline.confidence
    seen = f"The recording's words could hardly be made out (confidence {sure:.2f}): give its transcript."
    return (judge("alignment_confidence", sure, lower=MIN_CONFIDENCE, seen=seen),)
