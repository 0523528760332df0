import functools
import re

import pytest

from services.tts.engines.espeak.script import Script
from services.tts.engines.espeak.tuning import Tuning, tune
from services.tts.normalization.normalize import normalize_plain
from services.tts.script.spans import Manner
from services.tts.script.tokens import Token


def script(*tokens: Token) -> Script:
    return Script(tokens, tune=functools.partial(tune, 1.0, 0.0), spell=lambda ipa: f"<{ipa}>")


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
def test_words_have_no_outer_punctuation(text: str, start: int, end: int | None, words: str) -> None:
    assert script(*normalize_plain(text)).words_between(start, end) == words


@pytest.mark.parametrize(
    ("text", "position", "start"),
    [
        ("paid $1,250 now", 8, 5),
        ("one two", 4, 4),
        ("🎉 can't", 1, 0),
        ("你好世界", 2, 2),
        ("boys—play", 5, 5),
    ],
)
def test_a_position_is_mapped_to_the_start_of_its_word(text: str, position: int, start: int) -> None:
    assert script(*normalize_plain(text)).word_start(position) == start


def test_spoken_text_may_differ_from_the_shown_text() -> None:
    made = script(Token("$5", "five dollars", gap=" "), Token("SQL", "SQL", ipa="ˈsiːkwəl", tail="."))
    assert made.spoken == "five dollars [[<ˈsiːkwəl>]]."
    assert made.word_start(5) == 0
    assert [made.words_between(0, 13), made.words_between(13, None)] == ["$5", "SQL"]


def test_a_change_of_manner_becomes_commands_before_the_next_word() -> None:
    made = script(
        Token("so", "so", gap=" "), Token("slow", "slow", Manner(rate=0.5), gap=" "), Token("it", "it")
    )
    assert made.spoken == "so  \x0188S slow  \x01175S it"
    assert (made.word_start(3), made.word_start(5)) == (3, 3)
    assert made.words_between(3, 14) == "slow"


def test_the_manner_of_the_first_word_is_the_tuning_and_not_a_command() -> None:
    made = script(Token("low", "low", Manner(pitch_semitones=-3)))
    assert (made.spoken, made.tuning) == ("low", Tuning(pitch=34, pitch_range=42))


@pytest.mark.parametrize(
    "tokens",
    [
        [Token("x", "a \x01200S b")],
        [Token("x", "[\x02h@]]")],
        [Token("x", "say [[h@]] now")],
        [Token("x", "a[", tail="[")],
        [Token("x", "a["), Token("x", "[_^_en")],
        [Token("x", "a", tail="[["), Token("x", "[", gap="[")],
    ],
)
def test_text_cannot_contain_engine_commands(tokens: list[Token]) -> None:
    spoken = script(*tokens).spoken
    assert not {"\x01", "\x02", "["} & set(spoken)


@pytest.mark.parametrize(
    "words",
    [
        ["a" * 5000],
        ["字" * 5000],
        ["\U00010400" * 5000],
        ["aaaaaaa"] * 500,
        ["a" * 100, "b" * 100],
        ["x y " + "z" * 119, "zz"],
    ],
)
def test_no_word_is_too_long_for_the_library(words: list[str]) -> None:
    made = script(*(Token(word, word) for word in words))
    assert max(len(word.encode()) for word in made.spoken.split()) <= 120
    assert re.sub("[, ]", "", made.spoken) == "".join(words).replace(" ", "")


def test_words_that_are_short_enough_are_not_changed() -> None:
    words = ["a" * 119, "e" * 120, "é" * 60]
    assert script(*(Token(word, word, gap=" ") for word in words)).spoken.split() == words


@pytest.mark.parametrize("unit", ["a.", "a. ", "ж.", "x .", "a.'", "\u0301."])
def test_a_row_of_dotted_letters_is_interrupted(unit: str) -> None:
    spoken = script(*(Token(unit, unit) for _ in range(300))).spoken
    assert max(map(len, re.findall(r"(?:[^\s.][.' ]*\.[.' ]*)+", spoken))) <= 17 * len(unit)
    assert spoken.count(unit[0]) == 300


def test_an_abbreviation_keeps_its_full_stops() -> None:
    assert script(*normalize_plain("The U.S.A. and a.b.c.d.e.f.g.")).spoken == "The U.S.A. and a.b.c.d.e.f.g."


@pytest.mark.parametrize("unit", ["a ", "a1", "aA", "(", "x. ", "1.", "аa", "字", "'", "[[h]]"])
def test_no_clause_has_too_many_words_for_the_library(unit: str) -> None:
    spoken = script(
        *(Token(unit, unit.rstrip(), gap=" " if unit[-1:] == " " else "") for _ in range(900))
    ).spoken
    clauses = spoken.split(", ")
    assert len(clauses) >= 900 // 250
    assert max(len(clause.replace(" ", "")) for clause in clauses) <= 250 * len(unit)


def test_a_long_sentence_with_pauses_is_not_changed() -> None:
    text = "To be, or not to be, that is: " * 80
    assert script(*normalize_plain(text)).spoken == text


def test_phonemes_are_words_of_a_clause() -> None:
    spoken = script(*(Token("a", "a", ipa="a", gap=" ") for _ in range(251))).spoken
    assert spoken == "[[<a>]] " * 250 + ", [[<a>]] "
