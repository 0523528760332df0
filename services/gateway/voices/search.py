"""Filters voices and cuts the results into pages. Pure."""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar

from pydantic import BaseModel, Field

from services.gateway.http.errors import invalid


class Described(Protocol):
    """The properties of a voice that a search reads."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def gender(self) -> str | None: ...
    @property
    def category(self) -> str: ...


Found = TypeVar("Found")
ALL_LANGUAGES = "mul"
"""Language of a voice that speaks many, as ISO 639 calls it."""
PAGE_TOKEN = re.compile(r"[0-9]{1,9}")


class VoiceFilter(BaseModel):
    """Parameters of a search for voices. Others that ElevenLabs' clients may send are ignored: these voices
    do not differ in them."""

    search: str | None = None
    language: str | None = None
    gender: str | None = None
    category: str | None = None
    voice_ids: list[str] | None = None
    page_size: int = Field(default=10, ge=1, le=100)
    next_page_token: str | None = None

    def matches(self, voice: Described) -> bool:
        """Returns whether the voice matches: the language by the beginning of its tag, the search text in id
        and name. Case does not matter."""
        named, spoken = f"{voice.id} {voice.name}".lower(), voice.language.lower()
        return (
            (self.language is None or spoken.startswith((self.language.lower(), ALL_LANGUAGES)))
            and (self.gender is None or (voice.gender or "").lower() == self.gender.lower())
            and (self.category is None or voice.category == self.category.lower())
            and (self.search is None or self.search.lower() in named)
            and (self.voice_ids is None or voice.id in self.voice_ids)
        )


def page_of(found: Sequence[Found], size: int, token: str | None) -> tuple[list[Found], str | None]:
    """Returns a page, and the token of the next; `None` after the last. Raises a 422 for an invalid token."""
    if token is not None and not PAGE_TOKEN.fullmatch(token):
        message = "This is no token of a page. Send next_page_token as the page before gave it."
        raise invalid("page_token_invalid", message, "next_page_token")
    start = int(token or 0)
    end = start + size
    return list(found[start:end]), str(end) if end < len(found) else None
