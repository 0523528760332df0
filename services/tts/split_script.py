"""Splits a script into pieces that can be synthesized separately."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from services.tts.engines.protocol import Speech
from services.tts.script.elements import LANGUAGE_VOICE
from services.tts.script.sentences import END_CHARACTERS, is_sentence_end, written_end
from services.tts.script.spans import Break, Manner
from services.tts.script.tokens import Token

FULL_CHARACTERS = 400
"""Size from which a piece takes no further sentence: above it, a new piece costs an engine little."""
MAX_CHARACTERS = 600
"""Size from which a sentence is split at a pause."""
_PAUSE = re.compile(r"""[,;:،、，；：—–]["'”’»)\]]*$""")
_PARAGRAPH_END = re.compile(r"\n\s*\n")


def split_script(
    tokens: Iterable[Token | Break], task: Speech, voice_of: Callable[[str], str]
) -> Iterator[Speech | Break]:
    """Yields pieces and the silences between them, as soon as they are known.

    The first piece is the first sentence, so that speech starts early; the others hold several. Each has one
    voice (given by `voice_of` for that of a manner) and one emotion. `task` gives the rest; its speaker does
    not speak for a voice that the script names.
    """
    ready: Speech | Break | None = None
    for group in _groups(tokens):
        piece = group if isinstance(group, Break) else _speech(group, task, voice_of)
        if ready is not None:
            yield _followed(ready, piece)
        ready = piece
    if ready is not None:
        yield ready


def _speech(tokens: list[Token], task: Speech, voice_of: Callable[[str], str]) -> Speech:
    manner = tokens[0].manner
    return replace(
        task,
        tokens=tuple(tokens),
        voice=voice_of(manner.voice),
        emotion=manner.emotion,
        speaker=None if _names_a_voice(manner) else task.speaker,
    )


def _names_a_voice(manner: Manner) -> bool:
    """Tells whether the script asks for one voice, rather than for a language or nothing."""
    return bool(manner.voice) and not manner.voice.startswith(LANGUAGE_VOICE)


def _followed(piece: Speech | Break, by: Speech | Break) -> Speech | Break:
    goes_on = isinstance(by, Speech) or by.seconds == 0
    return replace(piece, goes_on=goes_on) if isinstance(piece, Speech) else piece


def _groups(tokens: Iterable[Token | Break]) -> Iterator[list[Token] | Break]:
    group: list[Token] = []
    size, full = 0, 1
    for token in tokens:
        if group and (isinstance(token, Break) or _ends_before(token, group[-1], size, full)):
            yield group
            group, size, full = [], 0, FULL_CHARACTERS
        if isinstance(token, Break):
            yield token
        else:
            group.append(token)
            size += len(token.spoken) + max(1, len(token.tail) - END_CHARACTERS)  # few signs take no time
    if group:
        yield group


def _ends_before(token: Token, last: Token, size: int, full: int) -> bool:
    if _speaks_as(token.manner) != _speaks_as(last.manner) or _PARAGRAPH_END.search(last.gap):
        return True
    if size >= full and is_sentence_end(last, token):
        return True
    pauses = _PAUSE.search(written_end(last) + last.gap.strip()[:1])
    return size >= MAX_CHARACTERS and (bool(pauses) or size >= 2 * MAX_CHARACTERS)


def _speaks_as(manner: Manner) -> tuple[str, str]:
    return manner.voice, manner.emotion
