"""Writes transcripts in the formats of OpenAI's API. Pure."""

import zlib
from collections.abc import Callable, Collection
from typing import Literal

from pydantic import BaseModel, Field

from services.chassis.engine_api.transcript import Transcript, TranscriptSegment
from services.gateway.speech.schemas import Word

Granularity = Literal["word", "segment"]
LANGUAGES = {"en": "english"}
"""Names by which OpenAI's API calls languages."""


class DurationUsage(BaseModel):
    """Usage in OpenAI's shape, by the length of the recording."""

    type: Literal["duration"] = "duration"
    seconds: float


class TranscriptionObject(BaseModel):
    """The response with `response_format` `json`."""

    text: str
    usage: DurationUsage


class SegmentObject(BaseModel):
    """A sentence or a part of one. `seek`, `tokens` and `temperature` are always the same here."""

    id: int
    seek: int = 0
    start: float
    end: float
    text: str
    tokens: list[int] = []
    temperature: float = 0.0
    avg_logprob: float = Field(description="Natural logarithm of the mean probability of a token.")
    compression_ratio: float = Field(description="Above 2.4, the text may repeat itself by mistake.")
    no_speech_prob: float = Field(description="Probability that there is no speech.")

    @classmethod
    def of(cls, number: int, segment: TranscriptSegment) -> "SegmentObject":
        return cls(
            id=number,
            start=round(segment.start, 3),
            end=round(segment.end, 3),
            text=segment.text,
            avg_logprob=round(segment.log_probability, 4),
            compression_ratio=round(compression_ratio(segment.text), 3),
            no_speech_prob=round(segment.no_speech_probability, 4),
        )


class VerboseTranscriptionObject(TranscriptionObject):
    """The response with `response_format` `verbose_json`."""

    task: Literal["transcribe"] = "transcribe"
    language: str = Field(description="The English name of the language, or its tag.")
    duration: float
    words: list[Word] | None = Field(default=None, description="With the granularity `word`.")
    segments: list[SegmentObject] | None = Field(default=None, description="With the granularity `segment`.")


def brief(transcript: Transcript) -> TranscriptionObject:
    return TranscriptionObject(text=transcript.text, usage=usage_of(transcript))


def verbose(transcript: Transcript, granularities: Collection[Granularity]) -> VerboseTranscriptionObject:
    """Returns the transcript with the times that `granularities` ask for."""
    words = [
        Word(word=word.text, start=round(word.start, 3), end=round(word.end, 3)) for word in transcript.words
    ]
    segments = [SegmentObject.of(number, segment) for number, segment in enumerate(transcript.segments)]
    return VerboseTranscriptionObject(
        text=transcript.text,
        usage=usage_of(transcript),
        language=LANGUAGES.get(transcript.language, transcript.language),
        duration=round(transcript.duration, 3),
        words=words if "word" in granularities else None,
        segments=segments if "segment" in granularities else None,
    )


def plain(transcript: Transcript) -> str:
    return f"{transcript.text}\n"


def srt(transcript: Transcript) -> str:
    """Returns SubRip captions, one a segment."""
    return "".join(
        f"{number}\n{times(segment, ',')}\n{line_of(segment)}\n\n"
        for number, segment in enumerate(transcript.segments, 1)
    )


def vtt(transcript: Transcript) -> str:
    """Returns WebVTT captions, one a segment."""
    cues = (f"{times(segment, '.')}\n{line_of(segment)}\n\n" for segment in transcript.segments)
    return "".join(("WEBVTT\n\n", *cues))


CAPTIONS: dict[str, tuple[Callable[[Transcript], str], str]] = {
    "text": (plain, "text/plain"),
    "srt": (srt, "application/x-subrip"),
    "vtt": (vtt, "text/vtt"),
}
"""Writers of the formats that are no JSON, with their media types."""


def usage_of(transcript: Transcript) -> DurationUsage:
    return DurationUsage(seconds=round(transcript.duration, 3))


def times(segment: TranscriptSegment, mark: str) -> str:
    return f"{clock(segment.start, mark)} --> {clock(segment.end, mark)}"


def clock(seconds: float, mark: str) -> str:
    """Returns hours, minutes, seconds and milliseconds; `mark` precedes the last."""
    whole, milliseconds = divmod(round(seconds * 1000), 1000)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}{mark}{milliseconds:03}"


def line_of(segment: TranscriptSegment) -> str:
    """Returns the text in one line, without the arrow that marks times."""
    return " ".join(segment.text.split()).replace("-->", "->")


def compression_ratio(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data))
