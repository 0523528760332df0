"""Parses SSML into spans: the elements of `ELEMENTS`, and emotions in brackets."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.parsers import expat

from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import shortened
from services.tts.script.elements import ELEMENTS, MAX_READ_CHARACTERS, Refusal, Scope
from services.tts.script.spans import Break, Ipa, Manner, Respelled, Span, Text
from services.tts.script.tags import position_in, split_at_tags

_PROLOGUE = re.compile(r"(?:\s|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_OPENING = "<speak>"


def parse_ssml(text: str, manner: Manner) -> tuple[Span, ...]:
    """Returns the spans of an SSML document; the root `<speak>` may be left out.

    Raises `InvalidArgument`, with line and column, for what is not well-formed or not supported.
    """
    bare = not text[_prologue(text) :].startswith(("<speak", "<!DOCTYPE"))
    return _Reader(manner, len(_OPENING) if bare else 0).read(f"{_OPENING}{text}</speak>" if bare else text)


@dataclass(slots=True)
class _Open:
    """An element that is still open, and the properties inside it."""

    name: str
    scope: Scope


class _Reader:
    def __init__(self, manner: Manner, indent: int) -> None:
        self._manner = manner
        self._indent = indent
        self._spans: list[Span] = []
        self._open: list[_Open] = []
        self._parser = expat.ParserCreate(namespace_separator=None)
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse_doctype

    def read(self, text: str) -> tuple[Span, ...]:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            reason = expat.ErrorString(error.code)
            hint = " Write & as &amp; and < as &lt;." if error.code in _SIGNS_THAT_NEED_ESCAPING else ""
            raise self._refusal(f"{reason}.{hint}", error.lineno, error.offset) from None
        return tuple(self._spans)

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        element = ELEMENTS.get(name)
        if element is None:
            known = ", ".join(ELEMENTS)
            raise self._here(f"the element <{shortened(name)}> is not known. There are {known}.")
        outer = self._open[-1].scope if self._open else Scope(self._manner)
        if outer.reading is not None:
            raise self._here(f"<{self._open[-1].name}> takes text only, no <{shortened(name)}>.")
        try:
            scope, silence = element(outer, attributes)
        except Refusal as refusal:
            raise self._here(f"<{name}> {refusal}") from None
        self._open.append(_Open(name, scope))
        if silence is not None:
            self._spans.append(silence)

    def _end(self, name: str) -> None:
        closed = self._open.pop()
        if closed.scope.reading is not None:
            self._end_reading(name, closed.scope)
        if name in ("p", "s"):
            self._spans.append(Break(0.0))
        outer = self._open[-1].scope if self._open else None
        if outer is not None:  # an emotion that is named inside stays after the end
            emotion = closed.scope.manner.emotion
            self._open[-1].scope = replace(outer, manner=replace(outer.manner, emotion=emotion))

    def _characters(self, text: str) -> None:
        read_as_a_whole = self._open[-1].scope.reading is not None
        place = functools.partial(position_in, text, self._position())
        for part in [text] if read_as_a_whole else split_at_tags(text, place):
            scope = self._open[-1].scope
            if not isinstance(part, Emotion):
                self._add(part, scope)
            else:
                self._open[-1].scope = replace(scope, manner=replace(scope.manner, emotion=part))

    def _add(self, text: str, scope: Scope) -> None:
        """Adds text; merges what the parser has split at line ends and entities."""
        last = self._spans[-1] if self._spans else None
        if isinstance(last, Text) and last.manner == scope.manner and last.reading is scope.reading:
            self._spans[-1] = replace(last, text=last.text + text)
        else:
            self._spans.append(Text(text, scope.manner, scope.reading))

    def _end_reading(self, name: str, scope: Scope) -> None:
        """Adds the text of an empty `<phoneme ph="…"/>` or `<sub alias="…"/>`, which is spoken too."""
        last = self._spans[-1] if self._spans else None
        if isinstance(last, Text) and last.reading is scope.reading:
            if len(last.text) > MAX_READ_CHARACTERS:
                raise self._here(f"<{name}> takes {MAX_READ_CHARACTERS} characters at most.")
            return
        if isinstance(scope.reading, Respelled):
            self._spans.append(Text(scope.reading.spoken, scope.manner, scope.reading))
        elif isinstance(scope.reading, Ipa):
            self._spans.append(Text(scope.reading.phonemes, scope.manner, scope.reading))

    def _refuse_doctype(self, *_: object) -> None:
        raise self._here("a document type is not taken: leave <!DOCTYPE> out.")

    def _position(self) -> tuple[int, int]:
        """Returns line and column, from 1, in the text as it was given."""
        return self._shown(self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber)

    def _shown(self, line: int, offset: int) -> tuple[int, int]:
        return line, offset + 1 - (self._indent if line == 1 else 0)

    def _here(self, message: str) -> InvalidArgument:
        line, column = self._position()
        return InvalidArgument(f"SSML, line {line}, column {column}: {message}")

    def _refusal(self, message: str, line: int, offset: int) -> InvalidArgument:
        line, column = self._shown(line, offset)
        return InvalidArgument(f"SSML, line {line}, column {max(1, column)}: {message}")


def _prologue(text: str) -> int:
    match = _PROLOGUE.match(text)
    return match.end() if match else 0


_SIGNS_THAT_NEED_ESCAPING = {
    expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN],
    expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY],
}
