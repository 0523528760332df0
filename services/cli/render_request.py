"""Checks the options of `likeness render` and builds the API request from them. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.chassis.engine_api.video_format import VideoFormat
from services.cli.destination import STDOUT
from services.cli.errors import UsageError
from services.cli.refusal import Options

VIDEO_OPTIONS: Options = {
    # The options of `likeness render` by the fields of the request.
    "script": "The script",
    "image": "--image",
    "avatar": "--avatar",
    "avatar.image": "--image",
    "avatar.face": "--face",
    "avatar.landmarks": "--landmarks",
    "audio": "--audio",
    "transcript": "--transcript",
    "language": "--language",
    "voice": "--voice",
    "speed": "--speed",
    "pitch_semitones": "--pitch",
    "conversion.reference": "--reference",
    "conversion.strength": "--strength",
    "conversion.pitch_semitones": "--pitch",
    "conversion.formant_scale": "--formant",
    "emotion": "--emotion",
    "effects": "--effect",
    "ssml": "--ssml",
    "markup": "--markup",
    "prompt": "--prompt",
    "size": "--size",
    "output.fit": "--fit",
    "output.background": "--background",
    "output.format": "--format",
    "output.fps": "--fps",
    "seconds": "--seconds",
    "model": "--engine",
    "title": "--title",
    "metadata": "--metadata",
}


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """The options of one render, as the command line gives them."""

    script: str | None = None
    image: Path | None = None
    avatar: str | None = None
    audio: Path | None = None
    transcript: str | None = None
    language: str | None = None
    reference: Path | None = None
    voice: str | None = None
    speed: float | None = None
    pitch: float | None = None
    formant: float | None = None
    emotion: str | None = None
    effects: tuple[str, ...] = ()
    ssml: bool = False
    markup: str | None = None
    prompt: str | None = None
    landmarks: Mapping[str, Any] | None = None
    face: int | None = None
    fit: str | None = None
    background: str | None = None
    video_format: str | None = None
    strength: float | None = None
    size: str | None = None
    fps: float | None = None
    seconds: float | None = None
    engine: str | None = None
    title: str | None = None
    metadata: Mapping[str, str] | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The files that must be uploaded, by their role in the request."""
        roles = {"image": self.image, "audio": self.audio, "reference": self.reference}
        if self.background is not None and not is_colour_or_blur(self.background):
            roles["background"] = Path(self.background)
        return {role: path for role, path in roles.items() if path is not None}


def is_colour_or_blur(background: str) -> bool:
    """Tells whether the background is a colour or the blurred portrait, and so no file."""
    return background == "blur" or background.startswith("#")


def check_request(request: RenderRequest) -> None:
    """Raises UsageError for mistakes that can be seen without the gateway, which checks the rest."""
    if request.image is None and request.avatar is None:
        raise UsageError("Which portrait should speak? Give it with --image, or a stored one with --avatar.")
    if request.avatar is not None and (request.image or request.landmarks or request.face is not None):
        raise UsageError(
            "--avatar brings its portrait and face along: leave out --image, --face, --landmarks."
        )
    if not (request.script or request.audio or request.prompt):
        raise UsageError("What should be said or done? Give --script, --script-file, --audio or --prompt.")
    if request.script is not None and not request.script.strip():
        raise UsageError("The script is empty. Write what should be said.")
    if request.script and request.audio:
        raise UsageError("Give either a script or --audio, not both: the audio is what is said.")
    if (request.transcript or request.language) and not request.audio:
        raise UsageError("--transcript and --language are those of a recording: give --audio too.")
    if request.strength is not None and request.reference is None:
        raise UsageError("--strength says how far to move towards --reference; give that too.")
    if request.size is not None and not re.fullmatch(r"\d+x\d+", request.size):
        raise UsageError(f"--size {request.size!r} is not WIDTHxHEIGHT, such as 512x600.")
    for role, path in request.files.items():
        if not path.is_file():
            raise UsageError(f"There is no file {path} to use as --{role}.")


def file_for(out: Path | None, video_format: str | None) -> Path:
    """Returns where the video goes: `out`, or by default a file that ends as the format's do.

    Raises UsageError if the format is unknown, or if the name of `out` does not end as the format's do.
    """
    endings = {each.value: each.suffix for each in VideoFormat}
    if video_format is not None and video_format not in endings:
        raise UsageError(
            f"--format {video_format}: there is no such format. Choose from {', '.join(endings)}."
        )
    wanted = endings[video_format or VideoFormat.MP4]
    if out is None:
        return Path(f"out{wanted}")
    if out == STDOUT or out.suffix.lower() == wanted:
        return out
    if video_format is not None:
        raise UsageError(
            f"--out {out}: a video of --format {video_format} is a file that ends with {wanted}. "
            "Change the one or the other."
        )
    others = ", ".join(
        f"{suffix} goes with --format {name}" for name, suffix in endings.items() if suffix != wanted
    )
    raise UsageError(f"--out {out}: the name should end with {wanted}; {others}.")


def video_body(request: RenderRequest, assets: Mapping[str, str]) -> dict[str, Any]:
    """Returns the body of `POST /v1/videos`, with the given options only: the gateway knows the defaults.

    `assets` are the ids of the uploaded files by role.
    """
    conversion = given(
        reference=assets.get("reference"),
        pitch_semitones=request.pitch,
        formant_scale=request.formant,
        strength=request.strength,
    )
    return given(
        model=request.engine,
        script=request.script,
        voice=request.voice,
        speed=request.speed,
        ssml=request.ssml or None,
        markup=request.markup,
        emotion=request.emotion,
        **portrait_body(request, assets),
        audio=assets.get("audio"),
        transcript=request.transcript,
        language=request.language,
        conversion=conversion or None,
        effects=list(request.effects) or None,
        prompt=request.prompt,
        size=request.size,
        seconds=request.seconds,
        output=output_body(request, assets) or None,
        title=request.title,
        metadata=dict(request.metadata or {}) or None,
    )


def portrait_body(request: RenderRequest, assets: Mapping[str, str]) -> dict[str, Any]:
    """Returns the image alone, the id of a stored avatar, or an avatar if options describe the face."""
    image = assets.get("image")
    face = face_body(request.face, request.landmarks)
    if not face:
        return given(image=image, avatar=request.avatar)
    return {"avatar": given(image=image, **face)}


def face_body(face: int | None, landmarks: Mapping[str, Any] | None) -> dict[str, Any]:
    """Returns which face of a portrait is meant, or where it is; an empty object for the largest."""
    return given(
        face=None if face is None else {"index": face},
        landmarks=None if landmarks is None else dict(landmarks),
    )


def output_body(request: RenderRequest, assets: Mapping[str, str]) -> dict[str, Any]:
    return given(
        fps=request.fps,
        fit=request.fit,
        background=assets.get("background", request.background),
        format=request.video_format,
    )


def given(**fields: Any) -> dict[str, Any]:
    """Returns the fields that are not `None`."""
    return {name: value for name, value in fields.items() if value is not None}
