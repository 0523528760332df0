"""Checks the options of `likeness speak` and builds the API request from them. Pure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.cli.destination import STDOUT
from services.cli.errors import UsageError
from services.cli.refusal import Options
from services.cli.render_request import given

FORMATS = {
    ".mp3": "mp3",
    ".wav": "wav",
    ".opus": "opus",
    ".ogg": "opus",
    ".aac": "aac",
    ".flac": "flac",
    ".pcm": "pcm",
}
SPEECH_OPTIONS: Options = {
    # The options of `likeness speak` by the fields of the request.
    "input": "TEXT",
    "model": "--engine",
    "voice": "--voice",
    "response_format": "--format",
    "speed": "--speed",
    "pitch_semitones": "--pitch",
    "emotion": "--emotion",
    "effects": "--effect",
    "ssml": "--ssml",
    "markup": "--markup",
}


@dataclass(frozen=True, slots=True)
class SpeakRequest:
    """The options of one call of `likeness speak`, as the command line gives them."""

    text: str
    voice: str | None = None
    speed: float | None = None
    pitch: float | None = None
    emotion: str | None = None
    effects: tuple[str, ...] = ()
    ssml: bool = False
    markup: str | None = None
    engine: str | None = None
    audio_format: str | None = None


def speech_body(request: SpeakRequest, destination: Path) -> dict[str, Any]:
    """Returns the body of `POST /v1/audio/speech`.

    Raises UsageError for an empty text, and for a format or a file's ending that does not go.
    """
    if not request.text.strip():
        raise UsageError("The text is empty. Write what should be said.")
    return given(
        input=request.text,
        model=request.engine,
        voice=request.voice,
        response_format=format_for(destination, request.audio_format),
        speed=request.speed,
        pitch_semitones=request.pitch,
        emotion=request.emotion,
        effects=list(request.effects) or None,
        ssml=request.ssml or None,
        markup=request.markup,
    )


def default_file(audio_format: str | None) -> Path:
    """Returns where the speech goes if no file is named: one that ends as the format's do."""
    endings = {name: ending for ending, name in reversed(FORMATS.items())}
    return Path(f"out{endings.get(audio_format or 'wav', '.wav')}")


def format_for(destination: Path, wanted: str | None) -> str:
    """Returns the format of the file: the wanted one, or that of its ending; WAV for stdout."""
    known = dict.fromkeys(FORMATS.values())
    if wanted is not None and wanted not in known:
        raise UsageError(f"--format {wanted}: there is no such format. Choose from {', '.join(known)}.")
    if destination == STDOUT:
        return wanted or "wav"
    by_ending = FORMATS.get(destination.suffix.lower())
    if by_ending is None:
        raise UsageError(f"--out {destination}: the name should end with one of {', '.join(FORMATS)}.")
    if wanted not in (None, by_ending):
        raise UsageError(
            f"--out {destination}: the name goes with --format {by_ending}, and not with {wanted}. "
            "Change the one or the other."
        )
    return by_ending
