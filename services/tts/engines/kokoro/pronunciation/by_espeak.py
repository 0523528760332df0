"""Pronounces by the rules of espeak-ng, in the letters that the model was trained with."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from services.tts.engines.espeak.library import Block, Event, EventKind, open_library
from services.tts.engines.espeak.script import Script
from services.tts.engines.espeak.tuning import Tuning
from services.tts.engines.kokoro.pronunciation.writer import Sounds, Word
from services.tts.script.tokens import Token

TIE = "^"
_LETTERS = {
    "a^ɪ": "I", "a^ʊ": "W", "e^ɪ": "A", "o^ʊ": "O", "ə^ʊ": "Q", "ɔ^ɪ": "Y",
    "d^z": "ʣ", "d^ʒ": "ʤ", "s^s": "S", "t^s": "ʦ", "t^ʃ": "ʧ",
}  # fmt: skip
"""Letters of the model for tied sounds."""
_SWITCH = re.compile(rf"\([a-z{re.escape(TIE)}-]+\)")
"""The library's mark of a change to another language."""


class EspeakPronunciation:
    """One language. `identifier` is the file of espeak-ng's voice."""

    def __init__(self, identifier: str) -> None:
        self._identifier = identifier

    def sounds(self, tokens: Sequence[Token], span: range) -> Sounds:
        """Returns the words that each token of a sentence is read as."""
        found = self._read([replace(tokens[index], ipa="") for index in span])
        if found is None:
            single = (self._read([replace(tokens[index], ipa="")]) or {} for index in span)
            return {index: words.get(0, []) for index, words in zip(span, single, strict=True)}
        return {span.start + index: words for index, words in found.items()}

    def _read(self, tokens: Sequence[Token]) -> dict[int, list[Word]] | None:
        """Returns the words by token; `None` if the library counts words of several tokens in two ways."""
        script = Script(tokens, tune=lambda _manner: Tuning(), spell=str)
        written = _SWITCH.sub("", open_library().phonemes(script.spoken, self._identifier, TIE)).split()
        owners = [place for place, token in enumerate(tokens) if any(map(str.isalnum, token.spoken))]
        if len(tokens) == 1:
            owners = [0] * len(written)
        elif len(owners) != len(written):
            owners = self._owners(script)
        if len(owners) != len(written):
            return None
        found: defaultdict[int, list[Word]] = defaultdict(list)
        for owner, phonemes in zip(owners, written, strict=True):
            found[owner].append(Word(letters(phonemes)))
        return found

    def _owners(self, script: Script) -> list[int]:
        """Returns the token of each word, as the library reports words while it speaks."""
        events: list[Event] = []

        def collect(block: Block) -> bool:
            events.extend(block.events)
            return True

        open_library().speak(script.spoken, self._identifier, Tuning(), end_pause=False, on_block=collect)
        return [script.token_at(event.position) for event in events if event.kind is EventKind.WORD]


def letters(phonemes: str) -> str:
    """Returns phonemes of espeak-ng, tied by `TIE`, in the letters of the model."""
    for tied, letter in _LETTERS.items():
        phonemes = phonemes.replace(tied, letter)
    return phonemes.replace(TIE, "").replace("-", "")
