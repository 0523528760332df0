"""Checks the options of `likeness speak` and builds the API request from them. Pure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.cli.errors import UsageError
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
    engine: str | None = None


def speech_body(request: SpeakRequest, destination: Path) -> dict[str, Any]:
    """Returns the body of `POST /v1/audio/speech`. The suffix of the destination decides the format.

    Raises UsageError for an empty text and an unknown suffix.
    """
    if not request.text.strip():
        raise UsageError("The text is empty. Write what should be said.")
    response_format = FORMATS.get(destination.suffix.lower())
    if response_format is None:
        known = ", ".join(FORMATS)
        raise UsageError(f"--out {destination}: the name should end with one of {known}.")
    return given(
        input=request.text,
        model=request.engine,
        voice=request.voice,
        response_format=response_format,
        speed=request.speed,
        pitch_semitones=request.pitch,
        emotion=request.emotion,
        effects=list(request.effects) or None,
        ssml=request.ssml or None,
    )
