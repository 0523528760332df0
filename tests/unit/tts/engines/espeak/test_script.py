import functools

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


@pytest.mark.parametrize("text", ["a \x01200S b", "say [[h@]] now"])
def test_text_cannot_contain_engine_commands(text: str) -> None:
    spoken = script(*(Token(word, word, gap=" ") for word in text.split(" "))).spoken
    assert "\x01" not in spoken
    assert "[[" not in spoken
