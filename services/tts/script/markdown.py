"""Leaves the marks of Markdown out of a text, so that it can be read aloud."""

import bisect
import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.tts.script.tags import position_in

_MARK = re.compile(
    r"[*_`~>|<&\\]|\]\(|^[ \t]*(?:#|[-+][ \t]|\d{1,9}[.)][ \t])"
    r"|^[ \t]*[-=]{2,}[ \t]*$|^ {0,3}\[[^\]\n]{1,99}\]:",
    re.MULTILINE,
)
"""Pattern of what every text with Markdown has; a text without it is not parsed."""
_ADDRESS = re.compile(
    r"[a-z][a-z\d+.-]{1,30}:|[/#]|\.{1,2}/|www\.|[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[a-z]{2,}(?:/|$)", re.I
)
"""Pattern of the start of what a link may point to: `[note]: text` is no definition of a link."""
_ATTRIBUTE = r"""\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)"""
_INLINE_TAGS = (
    "a|abbr|b|big|cite|code|del|em|font|i|img|ins|kbd|mark|q|s|samp|small|span|strike|strong|sub|sup|tt|u"
)
_BLOCK_TAGS = (
    "article|blockquote|br|center|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main|nav|ol"
    "|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_TAG = re.compile(
    rf"<!--|</?(?:(?:{_INLINE_TAGS})|(?P<block>{_BLOCK_TAGS}))(?:{_ATTRIBUTE})*\s*/?>", re.IGNORECASE
)
_ALT = re.compile(r"""\salt\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_TASK_BOX = re.compile(r"\[[ xX]\]\s+")
_TAG_SIGN = re.compile(r"[\[\]\\]")
_BLOCK_END, _CELL_END = "\n\n", ", "


class Prose:
    """A text without the marks of Markdown, which knows where its parts stood."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._found = 0
        self._parts: list[str] = []
        self._size = 0
        self._offsets: list[int] = []
        self._origins: list[int] = []

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def add(self, part: str, written: str = "") -> None:
        """Adds a part; `written` is how it stands in the source, if that is another way."""
        found = self._source.find(written or part, self._found)
        if found >= 0:
            self._found = found + len(written or part)
            self._offsets.append(self._size)
            self._origins.append(found)
        self._append(part)

    def end(self, mark: str) -> None:
        """Ends a block, a cell or, without a mark, the text: with a pause unless there is one already."""
        while self._parts and not self._parts[-1].strip():
            self._size -= len(self._parts.pop())
        last = self._parts[-1][-1:] if self._parts else ""
        if last and mark:
            self._append(mark if mark == _BLOCK_END or last.isalnum() else " ")

    def _append(self, part: str) -> None:
        self._parts.append(part)
        self._size += len(part)

    def position(self, offset: int) -> tuple[int, int]:
        """Returns line and column, from 1, of a place of `text` in the source."""
        part = bisect.bisect_right(self._offsets, offset) - 1
        origin = self._origins[part] + offset - self._offsets[part] if part >= 0 else 0
        return position_in(self._source, (1, 1), origin)


def as_written(text: str) -> Prose:
    prose = Prose(text)
    prose.add(text)
    return prose


def without_markdown(text: str) -> Prose:
    """Returns the text without marks; in the same form, spaces included, if it has none.

    A text that consists of marks alone is kept, and so is what only looks like a mark.
    """
    source = text.replace("\r\n", "\n").replace("\r", "\n")
    if not _MARK.search(source):
        return as_written(text)
    prose = Prose(source)
    _Reader(prose, source).read(_PARSER.parse(source))
    read = prose.text
    if "".join(read.split()) == "".join(source.split()) or not any(map(str.isalnum, read)):
        return as_written(text)
    prose.end("")
    return prose


class _Reader:
    def __init__(self, prose: Prose, source: str) -> None:
        self._prose = prose
        self._lines = source.split("\n")

    def read(self, tokens: Sequence[Token]) -> None:
        for index, token in enumerate(tokens):
            match token.type:
                case "inline":
                    self._inline(token.children or [], in_item=tokens[index - 2].type == "list_item_open")
                case "fence":
                    self._prose.add(_escaped(token.content.rstrip()), token.content.rstrip())
                    self._prose.end(_BLOCK_END)
                case "list_item_open":
                    self._prose.add(_kept_bullet(tokens, index))
                case "blockquote_open" if token.map and self._is_comparison(token.map[0]):
                    self._prose.add(">")
                case "th_close" | "td_close" if tokens[index + 1].type != "tr_close":
                    self._prose.end(_CELL_END)
                case "paragraph_close" | "heading_close" | "tr_close":
                    self._prose.end(_BLOCK_END)
                case _:
                    pass

    def _is_comparison(self, line: int) -> bool:
        return re.match(r"\s*>[\d=]", self._lines[line]) is not None

    def _inline(self, children: Sequence[Token], *, in_item: bool) -> None:
        literal = set(_literal_marks(children))
        for index, child in enumerate(children):
            match child.type:
                case "text":
                    box = _TASK_BOX.match(child.content) if in_item and index == 0 else None
                    self._prose.add(child.content[box.end() :] if box else child.content)
                case "text_special":
                    self._prose.add(_special(child), child.markup)
                case "code_inline":
                    self._prose.add(_escaped(child.content), child.content)
                case "softbreak" | "hardbreak":
                    self._prose.add("\n")
                case "image":
                    self._prose.add("".join(each.content for each in child.children or []))
                case "html_inline":
                    self._tag(child.content)
                case _ if index in literal:
                    self._prose.add(child.markup)
                case _:
                    pass

    def _tag(self, written: str) -> None:
        tag = _TAG.match(written)
        if tag is None:
            self._prose.add(written)
        elif tag["block"]:
            self._prose.end(_BLOCK_END)
        elif alt := _ALT.search(written):
            self._prose.add(alt[1] or alt[2] or "")


def _kept_bullet(tokens: Sequence[Token], index: int) -> str:
    """Returns what is read of the mark of a list's item: its number, or the sign of a number of its own."""
    token = tokens[index]
    if token.info:
        return f"{token.info}{token.markup} "
    inline = tokens[index + 2] if index + 2 < len(tokens) else token
    return f"{token.markup} " if inline.content[:1].isdigit() and _is_alone(tokens, index) else ""


def _is_alone(tokens: Sequence[Token], index: int) -> bool:
    """Returns whether an item is the only one of its list."""
    if tokens[index - 1].type != "bullet_list_open":
        return False
    level, places = tokens[index].level, range(index + 1, len(tokens))
    close = next(at for at in places if tokens[at].level == level and tokens[at].type == "list_item_close")
    return tokens[close + 1].type == "bullet_list_close"


def _literal_marks(children: Sequence[Token]) -> Iterator[int]:
    """Yields the places of marks of emphasis that are signs between numbers or letters, as in "2*3*4"."""
    opened: list[int] = []
    for index, child in enumerate(children):
        if child.type in ("em_open", "strong_open"):
            opened.append(index)
        elif child.type in ("em_close", "strong_close"):
            start = opened.pop()
            before = children[start - 1].content[-1:] if start else ""
            after = children[index + 1].content[:1] if index + 1 < len(children) else ""
            inside = before.isalnum() and after.isalnum() and child.type == "em_close"
            if inside or before.isdigit() or after.isdigit():
                yield from (start, index)


def _special(token: Token) -> str:
    """Returns a character that was written as an entity or behind a backslash."""
    return token.content if token.content == token.markup else _escaped(token.content)


def _escaped(text: str) -> str:
    """Returns the text with its brackets marked as no tags of emotions."""
    return _TAG_SIGN.sub(r"\\\g<0>", text)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802  the parser's name
        return _ADDRESS.match(url) is not None


_PARSER = _Parser("commonmark", {"html": True}).enable(["table", "strikethrough"])
_PARSER.disable(["html_block", "code", "text_join"])
