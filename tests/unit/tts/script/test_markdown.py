"""Tests that Markdown is read without its marks, and that nothing else is lost."""

import pytest

from services.chassis.errors import InvalidArgument
from services.chassis.text.markup import Markup
from services.tts.script.markdown import without_markdown
from services.tts.script.parse import parse_script
from services.tts.script.spans import visible_text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("# A title\n\nText.", "A title\n\nText."),
        ("Title\n=====\nText", "Title\n\nText"),
        ("## Closed ##", "Closed"),
        ("a **bold** and *soft* __word__ and _one_", "a bold and soft word and one"),
        ("***both***", "both"),
        ("~~gone~~ here", "gone here"),
        ("say `x` now", "say x now"),
        ("```py\nx = 1\n```", "x = 1"),
        ('a [link](http://a.b/c_(d) "title") there', "a link there"),
        ("a [page](about.html) there", "a page there"),
        ("[text][1] here\n\n[1]: http://a.b", "text here"),
        ("see <http://x.y>.", "see http://x.y."),
        ("![A *black* cat](cat.png) sits", "A black cat sits"),
        ("- one\n- two\n  - three", "one\n\ntwo\n\nthree"),
        ("* one\n* two", "one\n\ntwo"),
        ("- [x] done\n- [ ] open", "done\n\nopen"),
        ("1. **first**\n2. second", "1. first\n\n2. second"),
        ("> quoted\n> words", "quoted\nwords"),
        ("one\n\n---\n\ntwo", "one\n\ntwo"),
        ("| a | b! | c |\n|---|:-:|---|\n| 1 | 2 | 3 |", "a, b! c\n\n1, 2, 3"),
        ("<b>fat</b> and<br>next", "fat and\n\nnext"),
        ("<p class='x'>One</p><p>Two</p>", "One\n\nTwo"),
        ('<img src="c.png" alt="A cat"> sits', "A cat sits"),
        ("AT&amp;T <!-- hidden -->", "AT&T "),
        ("\\*no mark\\*", "*no mark*"),
        ("**Note:** 5 * 4", "Note: 5 * 4"),
        ("*a* 2*3*4", "a 2*3*4"),
    ],
)
def test_marks_are_left_out(text: str, read: str) -> None:
    assert without_markdown(text).text == read


@pytest.mark.parametrize(
    "text",
    [
        "Hello, world.",
        "2 * 3 * 4",
        "2*3*4 and 2**3**4",
        "5*3 and 4*2",
        "a*b*c",
        "a_b_c",
        "#1",
        "#hashtag and # alone",
        "I said * and then * again",
        "**kwargs and *args",
        "a < b and c > d",
        "a <b and c> d",
        "<3 you",
        "- 5 degrees",
        ">5 people",
        "1986. A great year",
        "12. März war es",
        "[note]: text",
        "A & B | C",
        "a -- b --- c",
        "    indented\n\n  lines ",
        "Line one\nline two",
        "***",
        "<br>",
        "Price: $5*",
    ],
)
def test_what_only_looks_like_a_mark_is_kept(text: str) -> None:
    assert without_markdown(text).text == text


def test_plain_markup_keeps_the_marks() -> None:
    text = "# A **title**"
    assert visible_text(parse_script(text, ssml=False, markup=Markup.PLAIN)) == text
    assert visible_text(parse_script(text, ssml=False)) == "A title"


def test_emotions_are_named_between_marks() -> None:
    spans = parse_script("- **[happy] Yes** [a](b.com)\n- `[sad]` \\[sighs\\] x", ssml=False)
    assert visible_text(spans) == " Yes a\n\n[sad] [sighs] x"


def test_an_unknown_tag_is_refused_where_it_is_written() -> None:
    with pytest.raises(InvalidArgument, match="Line 3, column 7"):
        parse_script("# **A** title\n\n*a* b [sighs] c", ssml=False)


@pytest.mark.parametrize(
    "part",
    [
        "*a ",
        "**a",
        "`",
        "[",
        "![",
        "[a](",
        "> ",
        "- ",
        "- 1\n\n",
        "|a",
        "\\",
        "&amp;",
        "<b a='",
        "<b>",
        "2*3*",
    ],
)
@pytest.mark.timeout(30)
def test_no_marks_make_the_parser_slow(part: str) -> None:
    """A parser that goes back over the whole text for each mark takes minutes here."""
    text = part * (50_000 // len(part)) + "x"
    assert without_markdown(text).text.endswith("x")
