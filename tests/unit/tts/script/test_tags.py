import pytest

from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.tts.script.parse import parse_script
from services.tts.script.spans import Text, visible_text


def told(text: str, emotion: Emotion = Emotion.NEUTRAL) -> list[tuple[str, str]]:
    spans = parse_script(text, ssml=False, emotion=emotion)
    return [(span.manner.emotion.value, span.text) for span in spans if isinstance(span, Text)]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("Hello.", [("neutral", "Hello.")]),
        ("[happy] Hi. [neutral] Bye.", [("happy", " Hi. "), ("neutral", " Bye.")]),
        ("Well, [SAD]no.", [("neutral", "Well, "), ("sad", "no.")]),
        ("[ calm ] So.", [("calm", " So.")]),
        ("[happy][sad] So.", [("sad", " So.")]),
        (r"She \[sighs\] a lot.", [("neutral", "She [sighs] a lot.")]),
        ("See [1], a[0] and [].", [("neutral", "See [1], a[0] and [].")]),
        (r"C:\new", [("neutral", r"C:\new")]),
    ],
)
def test_a_tag_sets_the_emotion_of_the_text_after_it(text: str, spans: list[tuple[str, str]]) -> None:
    assert told(text) == spans


def test_the_tasks_emotion_holds_until_the_script_names_another() -> None:
    assert told("One [angry] two.", Emotion.CALM) == [("calm", "One "), ("angry", " two.")]


@pytest.mark.parametrize(
    ("text", "place"), [("Oh [sigh] well.", "Line 1, column 4"), ("Oh\n\nno [laughs]", "Line 3, column 4")]
)
def test_an_unknown_tag_is_refused_with_its_place_and_the_known_ones(text: str, place: str) -> None:
    with pytest.raises(InvalidArgument, match=place) as refused:
        told(text)
    assert "[happy], [sad]" in refused.value.message
    assert "\\[" in refused.value.message


@pytest.mark.parametrize("text", ["", " \n", "[happy]", "[sad] [happy] "])
def test_a_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument, match="empty"):
        told(text)


@pytest.mark.parametrize("part", ["[a", "[ ", "[a ", "\\\\"])
def test_no_text_makes_the_search_for_tags_slow(part: str) -> None:
    text = "x" + part + " " * 50_000
    assert told(text)[0][0] == "neutral"


def test_control_characters_do_not_reach_the_engines() -> None:
    assert visible_text(parse_script("a\x01b\x07c\td", ssml=False)) == "a b c\td"
