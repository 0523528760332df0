import pytest

from services.tts.engines.espeak.script import Script


@pytest.mark.parametrize(
    ("text", "start", "end", "words"),
    [
        ("Hello, world.", 0, 7, "Hello"),
        ("Hello, world.", 7, None, "world"),
        ("for the dog", 0, 8, "for the"),
        ("the U.S. FBI", 4, 9, "U.S."),
        ("“prêt”. Now", 0, 8, "prêt"),
        ("I can't", 2, None, "can't"),
        ("boys (* * *) play", 0, 13, "boys"),
        ("!!!", 0, None, "!!!"),
        ("well-known fact", 0, 11, "well-known"),
    ],
)
def test_words_are_free_of_outer_punctuation(text: str, start: int, end: int | None, words: str) -> None:
    assert Script(text, ssml=False).words_between(start, end) == words


@pytest.mark.parametrize(
    ("text", "ssml", "position", "start"),
    [
        ("paid $1,250 now", False, 8, 5),
        ("one two", False, 4, 4),
        ("🎉 can't", False, 1, 0),
        ("你好世界", False, 2, 2),
        ("boys—play", False, 5, 5),
        ("<speak>Hello</speak>", True, 7, 7),
        ("<speak>one <emphasis>two</emphasis></speak>", True, 10, 21),
    ],
)
def test_positions_are_brought_to_the_start_of_a_word(
    text: str, ssml: bool, position: int, start: int
) -> None:
    assert Script(text, ssml=ssml).word_start(position) == start


@pytest.mark.parametrize(
    ("ssml", "spoken"),
    [
        ("a <!-- no --> b", "a  b"),
        ('<sub alias="World Wide Web">W3</sub>', "World Wide Web"),
        ("<sub alias='R&amp;B'>x</sub>", "R&amp;B"),
        ("<emphasis>big</emphasis>. So", "<emphasis>big.</emphasis> So"),
        ("caf&#233; &lt;3 &amp; &eacute;", "café &lt;3 &amp; é"),
    ],
)
def test_ssml_is_simplified_where_the_library_miscounts(ssml: str, spoken: str) -> None:
    assert Script(ssml, ssml=True).spoken == spoken


def test_markup_is_not_in_the_words() -> None:
    script = Script('<speak>Tom <break time="1s"/>&amp; <emphasis>Jo</emphasis>!</speak>', ssml=True)
    assert script.words_between(0, None) == "Tom & Jo"


def test_control_characters_never_reach_the_library() -> None:
    assert Script("a\x0150Pb", ssml=False).spoken == "a 50Pb"
