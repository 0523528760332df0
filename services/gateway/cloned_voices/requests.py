"""Request model of `POST /v1/audio/voices`."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from services.gateway.intake.references import ReferenceNames
from services.gateway.jobs.request import JobRequest

MAX_RECORDINGS = 10
Label = Annotated[str, StringConstraints(max_length=100)]
EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "name": "Anna",
        "references": ["asset_5f2b7c9d1e3a4b6c8d0e1f2a"],
        "consent": "Anna Berg agreed on 2026-11-30 that we make a voice of her recording.",
    },
    {
        "name": "Anna, reading",
        "references": ["asset_5f2b7c9d1e3a4b6c8d0e1f2a", "asset_0a1b2c3d4e5f6a7b8c9d0e1f"],
        "consent": "Anna Berg agreed on 2026-11-30 that we make a voice of her recordings.",
        "language": "en-GB",
        "description": "Calm and low, for stories.",
        "labels": {"accent": "Scottish"},
        "metadata": {"project": "travellers"},
    },
)
"""A small request and one with many fields."""


class VoiceRequest(JobRequest):
    """A request for a voice made of recordings of one person."""

    model_config = ConfigDict(json_schema_extra={"examples": [*EXAMPLES]})

    type: Literal["audio_sample"] = Field(
        default="audio_sample", description="Only from recordings: as the `openai` client sends it."
    )
    name: str = Field(min_length=1, max_length=200, description="What you call it; need not be unique.")
    audio_sample: str | None = Field(
        default=None, description="An audio asset: a recording of the person, ten seconds or more."
    )
    references: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=MAX_RECORDINGS,
        description="Several audio assets, all of the same person, in place of audio_sample or beside it.",
    )
    consent: str | None = Field(
        default=None,
        max_length=2000,
        description="Who has agreed to what, and when: that the person who speaks lets you make this voice.",
    )
    language: str | None = Field(
        default=None,
        max_length=35,
        description="BCP 47 tag of the person's language and accent, such as en-GB. The voice speaks every "
        "language of its engine.",
    )
    description: str | None = Field(default=None, max_length=1000, description="Shown with the voice.")
    labels: dict[Label, Label] | None = Field(
        default=None, max_length=16, description="Shown with the voice, such as its accent."
    )
    model: str | None = Field(
        default=None, description="A TTS engine of GET /v1/engines that clones; by default the first."
    )

    @model_validator(mode="after")
    def has_a_recording(self) -> Self:
        if not self.recordings:
            raise ValueError("A recording is needed. Send audio_sample as a file, or ids of assets.")
        if len(self.recordings) > MAX_RECORDINGS:
            raise ValueError(f"There are more than {MAX_RECORDINGS} recordings. Leave some out.")
        return self

    @property
    def recordings(self) -> list[tuple[str, str]]:
        """The recordings, each with the field that gives it."""
        first = [("audio_sample", self.audio_sample)] if self.audio_sample else []
        return [*first, *((f"references.{n}", each) for n, each in enumerate(self.references or ()))]

    def asset_ids(self) -> set[str]:
        return {asset for _, asset in self.recordings}

    def reference_names(self) -> ReferenceNames:
        """Returns the names that the request uses of its workspace."""
        return ReferenceNames(assets=frozenset(self.asset_ids()))
