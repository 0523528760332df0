"""What `likeness speak` is asked for, and the request it becomes. Pure."""

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
    text: str
    voice: str | None = None
    speed: float | None = None
    pitch: float | None = None
    emotion: str | None = None
    effects: tuple[str, ...] = ()
    ssml: bool = False
    engine: str | None = None


def speech_body(request: SpeakRequest, destination: Path) -> dict[str, Any]:
    """The JSON of `POST /v1/audio/speech`; the file's suffix says in which format.

    Raises UsageError for an empty text and a suffix that is no format.
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
