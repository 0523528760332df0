import math

import pytest

from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.tts.script.parse import parse_script
from services.tts.script.spans import Break, Emphasis, Ipa, Kind, Manner, Respelled, SayAs, Span, Text


def spans(text: str) -> list[Span]:
    return list(parse_script(text, ssml=True))


def manner_of(markup: str) -> Manner:
    (span,) = (each for each in spans(markup) if isinstance(each, Text))
    return span.manner


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<speak>Hello &amp; goodbye</speak>", [Text("Hello & goodbye")]),
        ("no <!-- hidden --> root", [Text("no  root")]),
        ('<?xml version="1.0"?><speak>x</speak>', [Text("x")]),
        ("caf&#233;", [Text("café")]),
        ('a<break time="700ms"/>b', [Text("a"), Break(0.7), Text("b")]),
        ('a<break time="1.5s"/>b', [Text("a"), Break(1.5), Text("b")]),
        ('a<break strength="strong"/>b', [Text("a"), Break(0.7), Text("b")]),
        ("a<break/>b", [Text("a"), Break(0.4), Text("b")]),
        ("<s>a</s>", [Break(0.0), Text("a"), Break(0.0)]),
        ('<sub alias="World Wide Web">WWW</sub>', [Text("WWW", reading=Respelled("World Wide Web"))]),
        ('<phoneme ph="təˈmɑːtəʊ">tomato</phoneme>', [Text("tomato", reading=Ipa("təˈmɑːtəʊ"))]),
        (
            '<phoneme alphabet="x-sampa" ph="t@&quot;mA:t@U">t</phoneme>',
            [Text("t", reading=Ipa("təˈmɑːtəʊ"))],
        ),
        ('<phoneme ph="aɪ"/>', [Text("aɪ", reading=Ipa("aɪ"))]),
        (
            '<say-as interpret-as="date" format="dmy">1/2/24</say-as>',
            [Text("1/2/24", reading=SayAs(Kind.DATE, "dmy"))],
        ),
        (
            "[happy] a <emphasis>b</emphasis> c",
            [
                Text(" a ", Manner(Emotion.HAPPY)),
                Text("b", Manner(Emotion.HAPPY, Emphasis.MODERATE)),
                Text(" c", Manner(Emotion.HAPPY)),
            ],
        ),
        (
            "<emphasis>[sad] b</emphasis> c",
            [Text(" b", Manner(Emotion.SAD, Emphasis.MODERATE)), Text(" c", Manner(Emotion.SAD))],
        ),
    ],
)
def test_markup_is_parsed_into_spans(markup: str, expected: list[Span]) -> None:
    assert spans(markup) == expected


@pytest.mark.parametrize(
    ("attributes", "manner"),
    [
        ('rate="slow"', Manner(rate=0.75)),
        ('rate="80%"', Manner(rate=0.8)),
        ('rate="+50%"', Manner(rate=1.5)),
        ('rate="1.2"', Manner(rate=1.2)),
        ('pitch="high"', Manner(pitch_semitones=3.0)),
        ('pitch="-2st"', Manner(pitch_semitones=-2.0)),
        ('pitch="+100%"', Manner(pitch_semitones=12.0)),
        ('volume="silent"', Manner(volume_db=-math.inf)),
        ('volume="+3dB"', Manner(volume_db=3.0)),
    ],
)
def test_prosody(attributes: str, manner: Manner) -> None:
    assert manner_of(f"<prosody {attributes}>x</prosody>") == manner


def test_nested_prosody_adds_up_and_ends() -> None:
    nested = spans('<prosody rate="2" pitch="+1st"><prosody rate="50%" pitch="+2st">a</prosody></prosody>b')
    assert nested == [Text("a", Manner(rate=1.0, pitch_semitones=3.0)), Text("b")]


def test_voices() -> None:
    assert manner_of('<voice name="de">x</voice>').voice == "de"
    assert manner_of('<voice xml:lang="fr-FR">x</voice>').voice == "lang:fr-fr"


@pytest.mark.parametrize(
    ("markup", "told"),
    [
        ("<speak>a & b</speak>", "line 1, column 11: .*&amp;"),
        ("<speak>\n <s>a</p></speak>", "line 2, column 8: mismatched tag"),
        ("a <foo>b</foo>", "line 1, column 3: the element <foo> is not known. There are speak, p"),
        ('<audio src="x.wav">b</audio>', "<audio> is not known"),
        ('a\n <break time="soon"/>', 'line 2, column 2: <break> takes a time as "700ms"'),
        ('a <break time="60s"/>', "10 s at most"),
        ('a <break time="10s"/>' * 61, "600 s at most"),
        ('a <break strength="huge"/>', "takes as strength none, x-weak"),
        ('<prosody rate="warp">b</prosody>', 'rate x-slow.*"80%"'),
        ('<prosody rate="0%">b</prosody>', "10% to 1000%"),
        ('<prosody range="high">b</prosody>', "no attribute range, only rate, pitch, volume"),
        ('<prosody pitch="-100%">b</prosody>', "above -100%"),
        ("<say-as>5</say-as>", "needs the attribute interpret-as"),
        ('<say-as interpret-as="address">5</say-as>', "characters, cardinal, ordinal"),
        ('<say-as interpret-as="date" format="ymx">5</say-as>', "d, m and y"),
        ("<sub>x</sub>", "needs the attribute alias"),
        (f"<sub alias='{'a' * 501}'>x</sub>", "an alias of 500 characters at most"),
        (f"<sub alias='a'>{'x' * 501}</sub>", "<sub> takes 500 characters at most"),
        (f"<say-as interpret-as='characters'>{'x' * 501}</say-as>", "<say-as> takes 500 characters"),
        (f"<phoneme ph='{'a' * 201}'>x</phoneme>", "201 characters.* is too long: 200 characters at most"),
        (f"<phoneme alphabet='x-sampa' ph='{'a' * 300}'/>", "is too long"),
        ('<sub alias="x">a<s>b</s></sub>', "<sub> takes text only, no <s>"),
        ('<phoneme ph="a7">x</phoneme>', "'7' in 'a7' is no sign of the IPA"),
        ('<phoneme alphabet="arpabet" ph="AH">x</phoneme>', "takes as alphabet ipa, x-sampa"),
        ('<!DOCTYPE speak [<!ENTITY a "b">]><speak>&a;</speak>', "DOCTYPE"),
        ("<speak>a &nbsp; b</speak>", "undefined entity"),
        ("<speak>a [giggles] b</speak>", "Line 1, column 10: the tag .giggles. is not known"),
        ("<speak></speak>", "empty"),
        ("<speak>a", "line 1, column"),
    ],
)
def test_invalid_markup_is_refused_with_its_place(markup: str, told: str) -> None:
    with pytest.raises(InvalidArgument, match=told):
        spans(markup)
