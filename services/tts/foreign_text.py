"""Gives words in another writing system than that of the voice to a voice that reads it."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.chassis.errors import VoiceUnknown
from services.chassis.text.writing_systems import READERS, system_of, systems_of
from services.tts.script.elements import LANGUAGE_VOICE
from services.tts.script.spans import Span, Text
from services.tts.voice_selection import VoiceSelection

_MIN_LETTERS = 2
"""Letters of a foreign word: a single one, as in "α particles", is left to the voice."""


def with_readers(spans: Iterable[Span], voices: VoiceSelection) -> Iterator[Span]:
    """Yields the spans; a text in several writing systems is split, and each part that its voice does not
    read gets a voice of the same engine that does, if there is one."""
    readers: dict[str, str] = {}
    for span in spans:
        if isinstance(span, Text) and span.reading is None:
            yield from _split(span, voices, readers)
        else:
            yield span


def _split(span: Text, voices: VoiceSelection, readers: dict[str, str]) -> Iterator[Text]:
    own = systems_of(voices.language_of(span.manner.voice))
    for system, part in _runs(span.text, own):
        if system and system not in readers:
            readers[system] = _reader(system, voices)
        speaker = readers[system] if system else ""
        manner = replace(span.manner, voice=speaker) if speaker else span.manner
        yield Text(part, manner)


def _runs(text: str, own: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yields the parts of a text with their foreign writing system, which is empty for the voice's own."""
    start, current = 0, ""
    for position, system in _changes(text, own):
        if position > start:
            yield current, text[start:position]
        start, current = position, system
    if start < len(text):
        yield current, text[start:]


def _changes(text: str, own: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Yields where the foreign writing system changes; digits and signs go with the letters before them."""
    current, position = "", 0
    for system, letters in itertools.groupby(text, key=system_of):
        length = len(list(letters))
        foreign = system if system and system not in own else ""
        counts = bool(system) and (not foreign or length >= _MIN_LETTERS)
        if counts and foreign != current:
            yield position, foreign
            current = foreign
        position += length


def _reader(system: str, voices: VoiceSelection) -> str:
    for language in READERS.get(system, ()):
        try:
            voices.voice_of(f"{LANGUAGE_VOICE}{language}")
        except VoiceUnknown:
            continue
        return f"{LANGUAGE_VOICE}{language}"
    return ""
