"""Parses emotion tags in a text: `[happy] Hello. [neutral] Goodbye.`"""

import re
from collections.abc import Callable, Iterator

from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted, shortened

_TAG = re.compile(r"\\([\[\]\\])|\[\s{0,3}([A-Za-z][A-Za-z _-]{0,40}?)\s{0,3}\]")
_KNOWN = ", ".join(f"[{emotion}]" for emotion in Emotion)


def emotion_named(name: str) -> Emotion:
    """Returns the emotion of that name; neutral if it is empty. Raises `InvalidArgument`."""
    try:
        return Emotion(name.lower()) if name else Emotion.NEUTRAL
    except ValueError:
        raise InvalidArgument(
            f"There is no emotion {quoted(name)}. There are {', '.join(Emotion)}."
        ) from None


def split_at_tags(text: str, place: Callable[[int], tuple[int, int]]) -> Iterator[str | Emotion]:
    """Yields the text and the emotions that its tags name, in order; `\\[` is a bracket that is spoken.

    `place` gives the line and the column, from 1, of a position in the text. Raises `InvalidArgument` for a
    tag with an unknown name; brackets around anything but letters are no tag.
    """
    done, plain = 0, ""
    for match in _TAG.finditer(text):
        plain += text[done : match.start()]
        done = match.end()
        if match[1]:
            plain += match[1]
            continue
        if plain:
            yield plain
        plain = ""
        yield _emotion_of(match, place)
    if plain := plain + text[done:]:
        yield plain


def _emotion_of(match: re.Match[str], place: Callable[[int], tuple[int, int]]) -> Emotion:
    name = match[2].lower()
    if name in Emotion.__members__.values():
        return Emotion(name)
    line, column = place(match.start())
    raise InvalidArgument(
        f"Line {line}, column {column}: the tag {shortened(match[0])} is not known. There are {_KNOWN}. "
        f"To have the brackets spoken, write \\{shortened(match[0])}."
    )


def position_in(text: str, where: tuple[int, int], offset: int) -> tuple[int, int]:
    """Returns line and column of `offset`, if the text begins at `where`."""
    before = text[:offset]
    lines = before.count("\n")
    column = offset - before.rfind("\n") if lines else where[1] + offset
    return where[0] + lines, column
