"""Writes speakers of Kokoro to files, and reads them: JSON, for clients have had them in their hands."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, cast

import numpy as np

from services.chassis.errors import InvalidArgument
from services.tts.engines.kokoro.cloning.spectrum import CENTRES, MAX_GAIN_DB, equaliser
from services.tts.engines.kokoro.voice_model import RATE, STYLE_VALUES, STYLES, Timbre

FORMAT, VERSION = "likeness.kokoro.speaker", 1
MAX_SEMITONES, MAX_DECIBELS, MAX_STYLE = 12.0, 24.0, 10.0
_MAX_BYTES = 1 << 16
_DIGITS = 6
_ADVICE = "Make the voice again from its recordings."


@dataclass(frozen=True, slots=True)
class KokoroSpeaker:
    """A person's voice: a style of the model (256 values), and what brings its sound to the person's.

    The pitch that the model predicts is moved by `semitones`, the sound by `decibels`, and its spectrum by
    `gain`, in dB at the third octaves `CENTRES`.
    """

    style: tuple[float, ...]
    semitones: float = 0.0
    decibels: float = 0.0
    gain: tuple[float, ...] = (0.0,) * len(CENTRES)

    def timbre(self) -> Timbre:
        style = np.array(self.style, np.float32)
        return Timbre(
            styles=np.broadcast_to(style, (STYLES, 1, STYLE_VALUES)),
            decibels=self.decibels,
            pitch_factor=2 ** (self.semitones / 12),
            equaliser=equaliser(np.array(self.gain), RATE) if any(self.gain) else None,
        )


def write_speaker(speaker: KokoroSpeaker, path: Path) -> None:
    """Writes the file. Equal speakers give equal bytes."""
    fields = {
        "format": FORMAT,
        "version": VERSION,
        "style": _rounded(speaker.style),
        "semitones": round(speaker.semitones, _DIGITS),
        "decibels": round(speaker.decibels, _DIGITS),
        "gain": _rounded(speaker.gain),
    }
    path.write_text(json.dumps(fields) + "\n", encoding="utf-8")


def read_speaker(path: Path) -> KokoroSpeaker:
    """Returns the speaker in a file.

    Raises `InvalidArgument` for a file of another engine or version, and for a damaged one.
    """
    fields = _fields(path)
    if fields.get("format") != FORMAT:
        raise InvalidArgument(
            f"the speaker was not made by kokoro: speak with the engine that made it. {_ADVICE}"
        )
    if fields.get("version") != VERSION:
        raise InvalidArgument(
            f"the speaker has version {fields.get('version')!r}, "
            f"and kokoro reads version {VERSION}. {_ADVICE}"
        )
    return KokoroSpeaker(
        style=_numbers(fields, "style", STYLE_VALUES, MAX_STYLE),
        semitones=_numbers(fields, "semitones", 0, MAX_SEMITONES)[0],
        decibels=_numbers(fields, "decibels", 0, MAX_DECIBELS)[0],
        gain=_numbers(fields, "gain", len(CENTRES), MAX_GAIN_DB),
    )


def _fields(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            fields = json.loads(file.read(_MAX_BYTES))
    except (ValueError, RecursionError):
        fields = None
    except OSError as error:
        raise InvalidArgument(f"the speaker cannot be read ({error.strerror}). {_ADVICE}") from error
    if not isinstance(fields, dict):
        raise InvalidArgument(f"the speaker is damaged: it is no JSON object. {_ADVICE}")
    return cast(dict[str, Any], fields)


def _numbers(fields: dict[str, Any], name: str, count: int, limit: float) -> tuple[float, ...]:
    """Returns a list of `count` numbers, or for a count of 0 a number, none of them beyond the limit."""
    found = fields.get(name)
    numbers: list[Any] = cast(list[Any], found) if isinstance(found, list) else [found]
    right = isinstance(found, list) == bool(count) and len(numbers) == (count or 1)
    if not right or not all(_is_within(each, limit) for each in numbers):
        kind = f"{count} numbers" if count else "a number"
        raise InvalidArgument(
            f"the speaker is damaged: its {name} has to be {kind} from {-limit:g} to {limit:g}. {_ADVICE}"
        )
    return tuple(map(float, numbers))


def _is_within(value: Any, limit: float) -> bool:
    return type(value) in (int, float) and isfinite(value) and abs(value) <= limit


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(float(value), _DIGITS) for value in values]
