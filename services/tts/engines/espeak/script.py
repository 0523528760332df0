"""The text that is spoken, and which words stand where in it."""

import bisect
import html
import re
import unicodedata

_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_SUBSTITUTE = re.compile(r"<sub\b[^>]*?\balias\s*=\s*(['\"])(.*?)\1[^>]*>.*?</sub\s*>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>?")
_CLOSED_BEFORE_STOP = re.compile(r"((?:</(?!say-as)[^>]*>)+)([.,;:!?]+)(?=\s|<|$)")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)#?\w+;")
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
# Thai, Lao, Tibetan, Burmese, Khmer, kana and Han put no space between words.
_UNSPACED = (
    "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f"
)
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\s—–{_UNSPACED}]+")
_SPOKEN_SIGNS = frozenset("&%@#§")


class Script:
    """`spoken` goes to the library; positions are characters of it."""

    def __init__(self, text: str, *, ssml: bool) -> None:
        self.spoken = _simplify_ssml(text) if ssml else _without_controls(text)
        self._visible = _mask_ssml(self.spoken) if ssml else self.spoken
        self._ssml = ssml
        self._starts = [token.start() for token in _TOKEN.finditer(self._visible)]

    def word_start(self, position: int) -> int:
        """Where the word at `position` begins. Events of one word (as of "1,250") share it.

        The library marks a word behind SSML markup at the space before the markup.
        """
        if not self._starts:
            return 0
        index = max(0, bisect.bisect_right(self._starts, position) - 1)
        on_space = position < len(self._visible) and self._visible[position].isspace()
        if self._ssml and on_space and index + 1 < len(self._starts) and self._starts[index] < position:
            index += 1
        return self._starts[index]

    def words_between(self, start: int, end: int | None) -> str:
        """The words from `start` to `end`, without markup, outer punctuation and double spaces.

        Punctuation alone stays if there is nothing else, since the library may speak it.
        """
        tokens = self._visible[start:end].split()
        bare = [word for word in (_without_punctuation(token) for token in tokens) if word]
        return " ".join(bare or tokens)


def _without_controls(text: str) -> str:
    """Control characters would be read as the library's embedded commands."""
    return "".join(" " if unicodedata.category(c) == "Cc" else c for c in text)


def _simplify_ssml(text: str) -> str:
    """Comments, `sub` and entities are resolved, since the library miscounts the positions behind them."""
    text = _COMMENT.sub("", _without_controls(text))
    text = _SUBSTITUTE.sub(lambda match: html.escape(html.unescape(match[2]), quote=False), text)
    # Right behind a closing tag, the library reads a full stop as "dot".
    text = _CLOSED_BEFORE_STOP.sub(r"\2\1", text)
    return _ENTITY.sub(lambda match: html.escape(html.unescape(match[0]), quote=False), text)


def _mask_ssml(text: str) -> str:
    """Markup as spaces; an entity is its character at the entity's last position, as the library counts."""
    text = _TAG.sub(lambda match: " " * len(match[0]), text)
    return _ESCAPED.sub(lambda match: html.unescape(match[0]).rjust(len(match[0])), text)


def _without_punctuation(token: str) -> str:
    start, end = 0, len(token)
    while start < end and _is_punctuation(token[start]):
        start += 1
    while end > start and _is_punctuation(token[end - 1]):
        end -= 1
    abbreviation = "." in token[start:end] and token[end : end + 1] == "."
    return token[start : end + 1] if abbreviation else token[start:end]


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character).startswith("P") and character not in _SPOKEN_SIGNS
