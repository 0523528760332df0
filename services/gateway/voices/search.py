"""Which voices a search finds. Pure."""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel, Field

from services.gateway.http.errors import invalid


class Described(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def gender(self) -> str | None: ...


Found = TypeVar("Found")
PAGE_TOKEN = re.compile(r"[0-9]{1,9}")


class VoiceFilter(BaseModel):
    """What else ElevenLabs' clients may search by is ignored: these voices do not differ in it."""

    search: str | None = None
    language: str | None = None
    gender: str | None = None
    voice_ids: list[str] | None = None
    page_size: int = Field(default=10, ge=1, le=100)
    next_page_token: str | None = None

    def takes(self, voice: Described) -> bool:
        """Language by the beginning of its tag, search in id and name; upper and lower case are the same."""
        named = f"{voice.id} {voice.name}".lower()
        return (
            (self.language is None or voice.language.lower().startswith(self.language.lower()))
            and (self.gender is None or (voice.gender or "").lower() == self.gender.lower())
            and (self.search is None or self.search.lower() in named)
            and (self.voice_ids is None or voice.id in self.voice_ids)
        )


def page_of(found: Sequence[Found], size: int, token: str | None) -> tuple[list[Found], str | None]:
    """A page, and the token of the next; `None` after the last. Raises a 422 for a token that is none."""
    if token is not None and not PAGE_TOKEN.fullmatch(token):
        message = "This is no token of a page. Send next_page_token as the page before gave it."
        raise invalid("page_token_invalid", message, "next_page_token")
    start = int(token or 0)
    end = start + size
    return list(found[start:end]), str(end) if end < len(found) else None
