"""What `POST /v1/videos` takes."""

import re
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_api.video_format import VideoFormat
from services.gateway.avatars.schemas import Avatar, Strict
from services.gateway.effects.chains import EffectChain
from services.gateway.jobs.domain.models import Priority

MIN_SIDE, MAX_SIDE = 128, 2160
MOST_SCENES = 1000
"""However many the settings allow."""
BLUR = "blur"
COLOUR = "#[0-9a-fA-F]{6}"


class Conversion(Strict):
    """Changes the voice after it has spoken. `reference` is a recording of the voice to move towards."""

    engine: str | None = None
    reference: str | None = None
    pitch_semitones: float = Field(default=0.0, ge=-24, le=24)
    formant_scale: float = Field(default=1.0, ge=0.5, le=2.0)
    strength: float = Field(default=1.0, ge=0, le=1)


class SpeechFields(Strict):
    """What is said and by whom. A scene takes what it leaves out from the video."""

    script: str | None = Field(default=None, description="What is spoken.")
    voice: str | None = Field(default=None, description="An id of GET /v1/voices, such as en-us.")
    speed: float | None = Field(default=None, ge=0.25, le=4)
    pitch_semitones: float | None = Field(default=None, ge=-24, le=24)
    ssml: bool | None = Field(default=None, description="The script is SSML.")
    emotion: Emotion | None = Field(
        default=None,
        description="How it is said and looked, until the script names another as in `[happy] Hello.`",
    )
    audio: str | None = Field(default=None, description="An audio asset to speak instead of a script.")
    transcript: str | None = Field(
        default=None, description="What is said in `audio`; the lips follow it closer than without."
    )
    language: str | None = Field(
        default=None, max_length=35, description="Of `audio`: a BCP 47 tag, by default English."
    )
    image: str | None = Field(default=None, description="An image asset: the portrait.")
    avatar: Avatar | str | None = Field(default=None, description="Or the id of one of GET /v1/avatars.")
    conversion: Conversion | None = None
    effects: EffectChain | None = None
    prompt: str | None = Field(
        default=None,
        description="What the camera and the person do: zoom in, pan left, orbit, nod, smile. "
        "Without a script, audio and seconds it is spoken.",
    )
    seconds: float | None = Field(default=None, gt=0, le=3600, description="At least so long.")

    @model_validator(mode="after")
    def has_one_portrait(self) -> Self:
        if self.image and self.avatar:
            raise ValueError("Give either image or avatar: an avatar brings its image along.")
        return self


class Scene(SpeechFields):
    pass


class Output(Strict):
    fps: float = Field(default=25, ge=10, le=60)
    loudness_lufs: float = Field(default=-16, ge=-40, le=-8)
    audio_delay_seconds: float = Field(default=0, ge=-10, le=10)
    shortest: bool = False
    fit: Literal["crop", "pad"] = Field(
        default="crop",
        description="crop: fill the size, the face in the middle. pad: show all of the portrait.",
    )
    background: str | None = Field(
        default=None,
        description="Seen beside a padded and behind a transparent portrait: `blur`, a colour such as "
        "`#20a0ff`, or an image asset. By default blurred beside, white behind.",
    )
    format: VideoFormat = Field(
        default=VideoFormat.MP4, description="The other two carry an opacity and show the person only."
    )
    seed: int = Field(default=0, ge=0, lt=2**63)

    @field_validator("background")
    @classmethod
    def is_a_background(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("#") and not re.fullmatch(COLOUR, value):
            raise ValueError(f"{value!r} is no colour such as #20a0ff.")
        return value

    @model_validator(mode="after")
    def has_a_background_to_see(self) -> Self:
        if self.format.has_opacity and self.background is not None:
            raise ValueError(f"{self.format} has no background: leave it out, or choose the format mp4.")
        return self

    @property
    def background_asset(self) -> str | None:
        """Its id, if the background is an image."""
        if self.background is None or self.background == BLUR or self.background.startswith("#"):
            return None
        return self.background


class InputReference(Strict):
    """As the `openai` client sends it: an asset's id, or an image as a data URL."""

    file_id: str | None = None
    image_url: str | None = None

    @model_validator(mode="after")
    def names_one(self) -> Self:
        if (self.file_id is None) == (self.image_url is None):
            raise ValueError("needs exactly one of file_id and image_url")
        return self


class VideoRequest(SpeechFields):
    """One scene by its own fields, or several in `scenes`."""

    model: str | None = Field(default=None, description="A video engine of GET /v1/models.")
    size: str | None = Field(default=None, description="`WIDTHxHEIGHT`; by default the portrait's own.")
    scenes: list[Scene] | None = Field(default=None, min_length=1, max_length=MOST_SCENES)
    output: Output = Output()
    priority: Literal["interactive", "batch"] = Field(
        default="interactive", description="Interactive work goes before batch work."
    )
    no_cache: bool = Field(default=False, description="Run every stage, even where the result is known.")
    input_reference: InputReference | None = None

    @property
    def priority_class(self) -> Priority:
        return Priority[self.priority.upper()]

    @field_validator("size")
    @classmethod
    def is_a_size(cls, value: str | None) -> str | None:
        return value and check_size(value)

    @model_validator(mode="after")
    def gives_nothing_twice(self) -> Self:
        if self.scenes and (self.script or self.audio or self.transcript or self.prompt or self.seconds):
            raise ValueError("Give what is said or done, and seconds, at the top or in scenes, not in both.")
        if self.input_reference and (self.image or self.avatar):
            raise ValueError("Give either input_reference, or image or avatar: each is the portrait.")
        return self


def check_size(value: str) -> str:
    """Raises ValueError unless it is even pixels within the limits."""
    width, _, height = value.partition("x")
    if not (value.isascii() and width.isdigit() and height.isdigit()):
        raise ValueError(f"{value!r} is not WIDTHxHEIGHT, such as 1280x720.")
    for side in (int(width), int(height)):
        if not MIN_SIDE <= side <= MAX_SIDE or side % 2:
            raise ValueError(f"{value!r}: both sides must be even and from {MIN_SIDE} to {MAX_SIDE} pixels.")
    return value
