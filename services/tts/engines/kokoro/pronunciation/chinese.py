"""Pronounces Mandarin: words by jieba, pinyin by pypinyin, phonemes by misaki; English words as English."""

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from services.tts.engines.kokoro.pronunciation.writer import Sounds, Word
from services.tts.script.tokens import Token

# The packages have no types.
# pyright: reportMissingTypeStubs=false, reportUnknownVariableType=false, reportUnknownMemberType=false

_HAN = re.compile("[\u3400-\u9fff]")
_NUMBER = re.compile(
    r"(?P<minus>(?<![0-9A-Za-z%‰])[-−])?"
    r"(?P<digits>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?)(?P<share>[%‰])?"
)
_SHARES = {"%": "百分之", "‰": "千分之"}
_SINGLY = str.maketrans("0123456789.", "零一二三四五六七八九点")
_MAX_COUNTED = 16
"""Characters of a number up to which it is said as one; the digits of a longer one are said one by one."""
_READ_AS = str.maketrans({"〇": "零", "，": " "})
"""The wide comma stands between numbers, unlike the narrow one, which may group the digits of one."""
_NOT_SAID = str.maketrans("", "", "\u032f")
_COUNTED_SINGLY = "年"
"""After it, digits are read one by one."""

English = Callable[[str], str]
"""Returns the phonemes of English text."""


class ChinesePronunciation:
    def __init__(self, english: English) -> None:
        import jieba
        import pypinyin
        from cn2an import an2cn
        from misaki.zh import ZHG2P

        jieba.setLogLevel("WARNING")
        self._words: Any = jieba.lcut
        self._pinyin: Any = pypinyin.lazy_pinyin
        self._style: Any = pypinyin.Style.TONE3
        self._in_characters: Any = an2cn
        self._ipa: Any = ZHG2P.py2ipa
        self._english = english

    def sounds(self, tokens: Sequence[Token], span: range) -> Sounds:
        """Returns the syllables of each token; those of a word are joined."""
        found: defaultdict[int, list[Word]] = defaultdict(list)
        for is_chinese, run in itertools.groupby(self._parts(tokens, span), lambda part: part[2]):
            parts = list(run)
            if is_chinese:
                for owner, word in self._syllables([(text, owner) for text, owner, _ in parts]):
                    found[owner].append(word)
            else:
                for text, owner, _ in parts:
                    found[owner].append(Word(self._english(text)))
        return found

    def _parts(self, tokens: Sequence[Token], span: range) -> Iterator[tuple[str, int, bool]]:
        """Yields characters and foreign words, the index of their token, and whether they are Chinese."""
        for index in span:
            after = tokens[index + 1].spoken if index + 1 in span else ""
            written = unicodedata.normalize("NFKC", tokens[index].spoken.translate(_READ_AS))
            text = _NUMBER.sub(lambda found: self._number(found, after), written)  # noqa: B023
            for part in re.findall(f"{_HAN.pattern}|[^\\W\\d_{_HAN.pattern[1:-1]}]+(?:'[a-z]+)?", text):
                yield part, index, bool(_HAN.match(part))
            if tokens[index].tail or tokens[index].gap:
                yield "", index, False  # a word does not go on behind it

    def _number(self, found: re.Match[str], after: str) -> str:
        digits = found["digits"].replace(",", "")
        if len(digits) > _MAX_COUNTED:
            said = digits.translate(_SINGLY)
        else:
            is_year = after.startswith(_COUNTED_SINGLY) and len(found["digits"]) == 4
            said = self._in_characters(digits, "direct" if is_year else "low")
        return ("负" if found["minus"] else "") + _SHARES.get(found["share"], "") + said

    def _syllables(self, characters: Sequence[tuple[str, int]]) -> Iterator[tuple[int, Word]]:
        owners = iter(characters)
        for word in self._words("".join(text for text, _ in characters)):
            said = self._pinyin(word, style=self._style, neutral_tone_with_five=True)
            if len(said) != len(word):
                said = list(word)
            for place, syllable in enumerate(said):
                yield next(owners)[1], Word(self._phonemes(syllable), joined=place > 0)

    def _phonemes(self, syllable: str) -> str:
        """Returns the phonemes of a syllable; none for a character without a reading."""
        return "" if _HAN.match(syllable) else self._ipa(syllable).translate(_NOT_SAID)
