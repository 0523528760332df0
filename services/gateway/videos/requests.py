"""Request model of `POST /v1/videos`."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Literal, Self

from pydantic import ConfigDict, Field, field_validator, model_validator

from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.text.quoted import quoted
from services.gateway.avatars.schemas import Avatar
from services.gateway.effects.chains import names_in
from services.gateway.intake.language import UNNAMED
from services.gateway.intake.references import ReferenceNames
from services.gateway.jobs.request import JobRequest, Strict
from services.gateway.speech.requests import SpeechFields
from services.gateway.videos.examples import EXAMPLES
from services.gateway.voices.cloned import is_cloned

MIN_SIDE, MAX_SIDE = 128, 2160
MAX_SCENES = 1000
"""Limit of scenes, whatever the settings allow."""
BLUR = "blur"
COLOUR = "#[0-9a-fA-F]{6}"


class SceneFields(SpeechFields):
    """Fields of one scene. A scene takes the fields that it leaves out from the video."""

    NOTHING_TO_SAY: ClassVar[str] = (
        "There is nothing to say. Give a script or audio, or a prompt and seconds to act it."
    )

    transcript: str | None = Field(
        default=None, description="The words of `audio`; with them the lips follow more closely."
    )
    language: str | None = Field(
        default=None, max_length=35, description="Language of `audio`: a BCP 47 tag, by default English."
    )
    image: str | None = Field(default=None, description="An image asset: the portrait.")
    avatar: Avatar | str | None = Field(default=None, description="Or the id of one of GET /v1/avatars.")
    prompt: str | None = Field(
        default=None,
        description="Actions of the camera and the person: zoom in, pan left, orbit, nod, smile. "
        "Without a script, audio and seconds it is spoken.",
    )
    seconds: float | None = Field(default=None, gt=0, le=3600, description="Minimum length of the scene.")

    @property
    def is_silent(self) -> bool:
        """Returns whether the scene has no speech: its prompt is acted for `seconds`."""
        unsaid = self.script is None and self.audio is None
        return unsaid and self.prompt is not None and self.seconds is not None

    @property
    def spoken_text(self) -> str | None:
        """The text that is spoken: the script or, without script and `seconds`, the prompt."""
        if self.audio is not None or self.is_silent:
            return None
        return self.script if self.script is not None else self.prompt

    @model_validator(mode="after")
    def has_one_portrait(self) -> Self:
        if self.image and self.avatar:
            raise ValueError("Give either image or avatar: an avatar brings its image along.")
        return self


class Scene(SceneFields):
    """One scene of a video."""


class Output(Strict):
    """Properties of the finished video."""

    fps: float = Field(default=25, ge=10, le=60, description="Frames per second.")
    loudness_lufs: float = Field(
        default=-16, ge=-40, le=-8, description="Loudness of the sound, as EBU R 128 measures it."
    )
    audio_delay_seconds: float = Field(
        default=0, ge=-10, le=10, description="How much later than the picture the sound is; below 0 earlier."
    )
    shortest: bool = Field(default=False, description="End with the shorter one of sound and picture.")
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
    seed: int = Field(
        default=0, ge=0, lt=2**63, description="Another number gives other blinks, glances and nods."
    )

    @field_validator("background")
    @classmethod
    def is_a_background(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("#") and not re.fullmatch(COLOUR, value):
            raise ValueError(f"{quoted(value)} is no colour such as #20a0ff.")
        return value

    @model_validator(mode="after")
    def has_a_background_to_see(self) -> Self:
        if self.format.has_opacity and self.background is not None:
            raise ValueError(f"{self.format} has no background: leave it out, or choose the format mp4.")
        return self

    @property
    def background_asset(self) -> str | None:
        """The id of the background image; `None` if the background is none."""
        if self.background is None or self.background == BLUR or self.background.startswith("#"):
            return None
        return self.background


class InputReference(Strict):
    """The portrait as the `openai` client sends it: an asset's id, or an image as a data URL."""

    file_id: str | None = Field(default=None, description="An image asset.")
    image_url: str | None = Field(
        default=None, description="The image itself, as a data URL: `data:image/png;base64,…`."
    )

    @model_validator(mode="after")
    def names_one(self) -> Self:
        if (self.file_id is None) == (self.image_url is None):
            raise ValueError("needs exactly one of file_id and image_url")
        return self


class VideoRequest(SceneFields, JobRequest):
    """A request for a video: one scene by its own fields, or several in `scenes`."""

    model_config = ConfigDict(json_schema_extra={"examples": [*EXAMPLES]})

    model: str | None = Field(default=None, description="A video engine of GET /v1/models.")
    size: str | None = Field(default=None, description="`WIDTHxHEIGHT`; by default the portrait's own.")
    scenes: list[Scene] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_SCENES,
        description="Several scenes, which follow each other, in place of one by the fields beside this.",
    )
    output: Output = Field(default=Output(), description="Frame rate, loudness, format and so on.")
    input_reference: InputReference | None = Field(
        default=None, description="The portrait as the `openai` client sends it, in place of `image`."
    )

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

    @property
    def scene_count(self) -> int:
        return len(self.scene_fields)

    @property
    def scene_fields(self) -> Sequence[SceneFields]:
        """The scenes, or the request itself as its only one."""
        return self.scenes or (self,)

    def with_image(self) -> "VideoRequest":
        """Returns the request with the file of `input_reference` as its `image`, which is the same."""
        reference = self.input_reference
        if reference is None or reference.file_id is None:
            return self
        return self.model_copy(update={"image": reference.file_id, "input_reference": None})

    def inline_file(self) -> str | None:
        return (
            "input_reference.image_url" if self.input_reference and self.input_reference.image_url else None
        )

    def asset_ids(self) -> set[str]:
        return set(self.reference_names().assets)

    def reference_names(self) -> ReferenceNames:
        """Returns the names that the request uses of its workspace."""
        parts: tuple[SceneFields, ...] = (self, *(self.scenes or ()))
        return ReferenceNames(
            assets=frozenset(filter(None, self._assets(parts))),
            avatars=frozenset(each.avatar for each in parts if isinstance(each.avatar, str)),
            voices=frozenset(each.voice for each in parts if is_cloned(each.voice)),
            effects=frozenset(names_in(each.effects for each in parts)),
            scripts=tuple(text for each in self.scene_fields if (text := each.spoken_text)),
            unvoiced=self.voice in UNNAMED and any(each.voice in UNNAMED for each in self.scene_fields),
        )

    def _assets(self, parts: Iterable[SceneFields]) -> Iterator[str | None]:
        yield self.input_reference.file_id if self.input_reference else None
        yield self.output.background_asset
        for each in parts:
            yield from (each.image, each.audio)
            yield each.avatar.image if isinstance(each.avatar, Avatar) else None
            yield each.conversion.reference if each.conversion else None

    def texts(self) -> Iterator[str]:
        """Yields the spoken text of each scene or, for a scene without speech, its prompt."""
        for each in self.scene_fields:
            text = each.prompt if each.is_silent else each.spoken_text
            if text:
                yield text


def check_size(value: str) -> str:
    """Returns the size. Raises ValueError unless its sides are even pixels within the limits."""
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", value, re.ASCII)
    if sides is None:
        raise ValueError(f"{quoted(value)} is not WIDTHxHEIGHT, such as 1280x720.")
    for side in map(int, sides.groups()):
        if not MIN_SIDE <= side <= MAX_SIDE or side % 2:
            raise ValueError(
                f"{quoted(value)}: both sides must be even and from {MIN_SIDE} to {MAX_SIDE} pixels."
            )
    return value
