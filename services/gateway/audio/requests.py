"""Request model of `POST /v1/audio/jobs`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from services.gateway.effects.chains import names_in
from services.gateway.intake.language import UNNAMED
from services.gateway.intake.references import ReferenceNames
from services.gateway.jobs.request import JobRequest, Strict
from services.gateway.speech.requests import SpeechFields
from services.gateway.voices.cloned import is_cloned

MAX_SCENES = 1000
"""Limit of scenes, whatever the settings allow."""
AudioFileFormat = Literal["mp3", "m4a", "wav", "opus", "flac"]
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"script": "Hello! This is read to you."},
    {
        "title": "The two travellers, chapter 1",
        "voice": "en-gb",
        "speed": 0.95,
        "scenes": [
            {"script": "It was late when they came to the inn."},
            {"script": "[calm] Do not wake the dog.", "pitch_semitones": 2, "effects": ["whisper"]},
            {"audio": "asset_5f2b7c9d1e3a4b6c8d0e1f2a", "conversion": {"pitch_semitones": -3}},
        ],
        "output": {"format": "opus", "loudness_lufs": -18, "gap_seconds": 0.6},
        "priority": "batch",
        "metadata": {"book": "travellers"},
    },
)
"""A small request and one with many fields."""


class AudioOutput(Strict):
    """Properties of the finished file."""

    format: AudioFileFormat = Field(default="mp3", description="The kind of the file.")
    loudness_lufs: float = Field(
        default=-16, ge=-40, le=-8, description="Loudness of the file, as EBU R 128 measures it."
    )
    gap_seconds: float = Field(default=0, ge=0, le=60, description="Silence between two scenes.")


class AudioScene(SpeechFields):
    """One scene of an audio file."""


class AudioRequest(SpeechFields, JobRequest):
    """A request for an audio file: one scene by its own fields, or several in `scenes`."""

    model_config = ConfigDict(json_schema_extra={"examples": [*EXAMPLES]})

    scenes: list[AudioScene] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_SCENES,
        description="Several scenes, which follow each other, in place of one by the fields beside this.",
    )
    output: AudioOutput = Field(default=AudioOutput(), description="Format, loudness and pauses of the file.")

    @model_validator(mode="after")
    def gives_nothing_twice(self) -> Self:
        if self.scenes and (self.script or self.audio):
            raise ValueError("Give what is said at the top or in scenes, not in both.")
        return self

    @property
    def scene_fields(self) -> Sequence[SpeechFields]:
        """The scenes, or the request itself as its only one."""
        return self.scenes or (self,)

    @property
    def scene_count(self) -> int:
        return len(self.scene_fields)

    def asset_ids(self) -> set[str]:
        return set(self.reference_names().assets)

    def reference_names(self) -> ReferenceNames:
        """Returns the names that the request uses of its workspace."""
        parts: tuple[SpeechFields, ...] = (self, *(self.scenes or ()))
        return ReferenceNames(
            assets=frozenset(filter(None, _assets(parts))),
            voices=frozenset(each.voice for each in parts if is_cloned(each.voice)),
            effects=frozenset(names_in(each.effects for each in parts)),
            scripts=tuple(text for each in self.scene_fields if (text := each.spoken_text)),
            unvoiced=self.voice in UNNAMED and any(each.voice in UNNAMED for each in self.scene_fields),
        )


def _assets(parts: Iterable[SpeechFields]) -> Iterator[str | None]:
    for each in parts:
        yield each.audio
        yield each.conversion.reference if each.conversion else None
