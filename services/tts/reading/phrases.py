"""Which stretches of a text are not read as they are written, and how."""

from collections.abc import Iterator

from services.tts.script.spans import SayAs


def read_text(text: str, language: str) -> Iterator[tuple[str, str | None]]:
    """The text in stretches, in order, each with what is said for it; None where it is read as it stands."""
    yield text, None


def say_as(how: SayAs, text: str, language: str) -> str:
    return text
