import pytest

from services.chassis.errors import InvalidArgument
from services.tts.script.lexicon import apply_lexicon, pronunciation
from services.tts.script.phonetics import checked_ipa, ipa_of_x_sampa
from services.tts.script.spans import Ipa, Kind, Respelled, SayAs, Text

LEXICON = [
    pronunciation("SQL", respelling="sequel"),
    pronunciation("new york", ipa="nuːˈjɔːk"),
    pronunciation("York", respelling="yolk"),
    pronunciation("C++", respelling="see plus plus"),
    pronunciation("你好", respelling="nihao"),
    pronunciation("Ёлка", respelling="yolka"),
]


def changed(text: str) -> list[tuple[str, str]]:
    """Returns each word that the lexicon knows, and how it is said."""
    return [
        (span.text, span.reading.spoken if isinstance(span.reading, Respelled) else span.reading.phonemes)
        for span in apply_lexicon([Text(text)], LEXICON)
        if isinstance(span, Text) and isinstance(span.reading, Respelled | Ipa)
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SQL is Sql, not SQLite or MySQL.", [("SQL", "sequel"), ("Sql", "sequel")]),
        ("New  York is not York", [("New  York", "nuːˈjɔːk"), ("York", "yolk")]),
        ("C++, not C+++ or AC++", [("C++", "see plus plus"), ("C++", "see plus plus")]),
        ("他说你好吗", [("你好", "nihao")]),
        ("Зелёная ёлка, ёлками", [("ёлка", "yolka")]),
        ("nothing", []),
    ],
)
def test_the_lexicon_matches_whole_words_in_any_case(text: str, words: list[tuple[str, str]]) -> None:
    assert changed(text) == words


def test_no_text_is_lost() -> None:
    text = "In New York, SQL."
    assert (
        "".join(span.text for span in apply_lexicon([Text(text)], LEXICON) if isinstance(span, Text)) == text
    )


def test_a_reading_given_by_the_script_is_kept() -> None:
    span = Text("SQL", reading=SayAs(Kind.CHARACTERS))
    assert list(apply_lexicon([span], LEXICON)) == [span]


@pytest.mark.parametrize(
    ("word", "ipa", "respelling", "told"),
    [
        (" ", "a", "", "without a word"),
        ("a", "", "", "either"),
        ("a", "a", "b", "either"),
        ("a", "h3l", "", "'3' in 'h3l' is no sign"),
        ("a", "ˈː", "", "no sound"),
    ],
)
def test_an_invalid_pronunciation_is_refused(word: str, ipa: str, respelling: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        pronunciation(word, ipa, respelling)


@pytest.mark.parametrize(
    ("x_sampa", "ipa"),
    [
        ('h@"l@U', "həˈləʊ"),
        ("tS{:n", "tʃæːn"),
        ("ka~", "kã"),
        ("r\\EstR\\A~", "ɹɛstʀɑ̃"),
        ("n=_0", "n̩̥"),
    ],
)
def test_x_sampa_is_converted_to_ipa(x_sampa: str, ipa: str) -> None:
    assert ipa_of_x_sampa(x_sampa) == checked_ipa(ipa)
