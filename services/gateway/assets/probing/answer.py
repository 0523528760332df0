"""Reads what a probe's process has answered. It may be anything: a file may have taken the process over."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from services.gateway.assets.errors import UPLOAD, AssetRefused, too_complex
from services.gateway.assets.media import SUFFIXES, ProbedMedia

MAX_BYTES = 16_384
_CODES = {code for codes in UPLOAD.values() for code in ([codes] if isinstance(codes, str) else codes)}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Media(_Part):
    kind: Literal["image", "audio", "video"]
    media_type: str = Field(max_length=100)
    width: int | None = Field(ge=1, le=100_000)
    height: int | None = Field(ge=1, le=100_000)
    duration_seconds: float | None = Field(ge=0, le=1e6, allow_inf_nan=False)
    as_is: Literal[True]


class _Accepted(_Part):
    media: _Media
    converted: bool


class _Refusal(_Part):
    status: int = Field(ge=400, le=499)
    code: str
    message: str = Field(max_length=500)


class _Refused(_Part):
    refusal: _Refusal
    fault: str = Field(max_length=200)


@dataclass(frozen=True, slots=True)
class Answer:
    """The properties of a file, or why it is refused. `converted` is in FLAC, beside the file."""

    media: ProbedMedia | None
    converted: bool
    refusal: AssetRefused | None
    fault: str = ""
    """An exception behind the refusal that decoders are not known to raise."""


_ADAPTER: TypeAdapter[_Accepted | _Refused] = TypeAdapter(_Accepted | _Refused)
BROKEN = Answer(None, converted=False, refusal=too_complex(), fault="no answer")


def read_answer(line: bytes) -> Answer:
    """Returns the answer; a refusal for one that makes no sense."""
    try:
        answer = _ADAPTER.validate_json(line)
    except ValidationError:
        return BROKEN
    if isinstance(answer, _Accepted):
        if answer.media.media_type not in SUFFIXES:
            return BROKEN
        return Answer(ProbedMedia(**answer.media.model_dump()), answer.converted, None)
    if answer.refusal.code not in _CODES:
        return BROKEN
    refusal = AssetRefused(answer.refusal.status, answer.refusal.code, answer.refusal.message)
    return Answer(None, converted=False, refusal=refusal, fault=answer.fault)
