"""Makes texts, SSML and lexicons as no author writes them, and reads them as the TTS service does.

What is known to have hurt a parser or espeak-ng once is more frequent than chance would have it.
"""

from collections.abc import Callable
from random import Random
from xml.sax.saxutils import escape, quoteattr

from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import LikenessError
from services.tts.engines.protocol import Speech
from services.tts.normalization.normalize import normalize
from services.tts.script.lexicon import Pronunciation, pronunciation
from services.tts.script.parse import parse_script
from services.tts.split_script import split_script

MAX_CHARACTERS = 50_000
LANGUAGES = ("en-US", "en-GB", "de", "fr-FR", "es", "it", "pt-BR", "nl", "ja", "ar", "hi", "")
_REPEATED = (
    *("1.", "1", "1/", "1-", "1:", "1,", "1,111,", "+1 ", "£1", "1 €", "1%", "1st ", "1 1/2 ", "½", "1 km "),
    *("IV ", "MCMXC ", "Henry V ", "12:30 ", "1 January ", "No. 1 ", "St. ", "e.g. ", "+49 30 ", "123-4567 "),
    *(
        "a.",
        "a .",
        "x. y ",
        "a@b.c ",
        "http://a.b/",
        "www.",
        "a-",
        "a'",
        "'",
        '"',
        "-",
        "_",
        ".",
        ",",
        "(",
        "/",
    ),
    *(
        "a",
        "A",
        "aA",
        "un",
        "re",
        "ness",
        "ab ",
        "a b ",
        "x",
        "é",
        "ß",
        "İ",
        "字",
        "ไ",
        "한",
        "ا",
        "क्",
        "ж",
        "ʘ",
    ),
    *("😀", "👨‍👩‍👧 ", "🇩🇪", "\u0301", "\u200b", "\u200d", "\u200f", "\u202e", "\u2066", "\ufe0f", "\ufeff"),
    *(
        "\x00",
        "\x01",
        "\x0250S ",
        "\x1b[",
        "\x85",
        "\ud800",
        "\ufffd",
        "\U0010ffff",
        "\ue03c",
        "\u0557",
        "\u0530",
    ),
    *(
        "[happy] ",
        "[sad]",
        "[",
        "[[",
        "]]",
        "\\[",
        "[[_^_xxxxxxxxxxxxxxxxxxxx]]",
        "[\x02",
        "<",
        ">",
        "&",
        "&amp;",
    ),
    *(
        " ",
        "\t",
        "\n",
        "\n\n",
        "\u00a0",
        "\u2003",
        "\u2028",
        "—",
        "–",
        "…",
        "。",
        "?",
        "!?",
        "٣",
        "１",
        "²",
        "①",
    ),
)
_WORDS = (
    *(
        "Hello",
        "there",
        "world",
        "Donaudampfschifffahrtsgesellschaft",
        "don't",
        "U.S.A.",
        "3.14",
        "$5",
        "Dr.",
    ),
    *("antidisestablishmentarianism", "你好", "שלום", "مرحبا", "नमस्ते", "สวัสดี", "Привет", "naïve", "İstanbul"),
)
_IPA = "abdefhijklmnopstuvwzæðŋɐɑɒɔəɚɛɜɡɪɫɹɾʃʊʌʒʔθ"
_IPA_MARKS = ("ˈ", "ˌ", "ː", ".", "̃", "ʰ", " ", "|", "͡")


def odd_text(random: Random) -> str:
    """Returns a text of up to 50,000 characters; most are short."""
    parts = (_part(random) for _ in range(random.choice((1, 1, 2, 4, 12))))
    return "".join(parts)[:MAX_CHARACTERS]


def odd_ssml(random: Random) -> str:
    """Returns SSML, which need not be well-formed."""
    body = "".join(_element(random, depth=0) for _ in range(random.choice((1, 1, 2, 5))))
    document = random.choice(
        ("{}", "<speak>{}</speak>", "<speak>{}", "<?xml version='1.0'?><speak>{}</speak>")
    )
    if random.random() < 0.05:
        document = '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><speak>&b;{}</speak>'
    return document.format(body)[:MAX_CHARACTERS]


def odd_lexicon(random: Random) -> tuple[Pronunciation, ...]:
    """Returns pronunciations that the service takes; some of their words are in many texts."""
    found: list[Pronunciation] = []
    for _ in range(random.choice((0, 1, 3, 100))):
        word = random.choice((*_REPEATED, *_WORDS)) * random.choice((1, 1, 2, 20))
        ipa, said = (odd_ipa(random), "") if random.random() < 0.4 else ("", odd_text(random)[:200])
        try:
            found.append(pronunciation(word[:100], ipa, said))
        except LikenessError:
            continue
    return tuple(found)


def odd_ipa(random: Random) -> str:
    signs = random.choice((_IPA, _IPA, _IPA + "Xщ€1[]'"))
    size = random.choice((1, 3, 8, 40, 150, 200, 300))
    marks = random.choice((0.0, 0.3, 0.9))
    return "".join(
        (random.choice(_IPA_MARKS) if random.random() < marks else "") + random.choice(signs)
        for _ in range(size)
    )


def pieces_of(text: str, *, ssml: bool, lexicon: tuple[Pronunciation, ...], language: str) -> list[Speech]:
    """Returns the pieces that an engine would get of the script. Raises the service's refusals only."""
    spans = parse_script(text, ssml=ssml, emotion=Emotion.NEUTRAL, lexicon=lexicon)
    tokens = normalize(spans, lambda _: language)
    pieces = split_script(tokens, Speech((), ""), lambda _: "")
    return [piece for piece in pieces if isinstance(piece, Speech)]


def _part(random: Random) -> str:
    kind = random.random()
    if kind < 0.5:
        return random.choice(_REPEATED) * random.choice((1, 3, 17, 90, 260, 1000, random.randrange(1, 9000)))
    if kind < 0.7:
        return " ".join(random.choice(_WORDS) for _ in range(random.choice((1, 5, 40))))
    if kind < 0.85:
        return "".join(random.choice(_REPEATED) for _ in range(random.choice((2, 30, 400))))
    return "".join(chr(_code_point(random)) for _ in range(random.choice((1, 8, 100, 500))))


def _code_point(random: Random) -> int:
    return random.choice(
        (
            random.randrange(0x20),
            random.randrange(0x20, 0x250),
            random.randrange(0x250, 0x3000),
            random.randrange(0x3000, 0xD800),
            random.randrange(0xE000, 0x10000),
            random.randrange(0x1F000, 0x1FB00),
            random.randrange(0x10000, 0x110000),
        )
    )


def _element(random: Random, depth: int) -> str:
    inside = escape(odd_text(random)[: random.choice((0, 5, 60, 600))])
    if depth < 2:
        inside += "".join(_element(random, depth + 1) for _ in range(random.choice((0, 0, 1, 3))))
    return random.choice(_ELEMENTS)(random, inside)


def _amount(random: Random) -> str:
    return random.choice(("0", "1", "-1", "1.5", "+10", "999", "9" * 400, "", "x", "NaN", "1e9"))


def _attribute(random: Random) -> str:
    return quoteattr(odd_text(random)[: random.choice((3, 30, 300, 3000))])


def _say_as(random: Random, inside: str) -> str:
    kind = random.choice(("characters", "cardinal", "ordinal", "date", "time", "telephone", "currency", "x"))
    return f"<say-as interpret-as='{kind}' format='{random.choice(('', 'dmy', 'x'))}'>{inside}</say-as>"


def _voice(random: Random, inside: str) -> str:
    name = random.choice((quoteattr("de"), quoteattr("cmn"), _attribute(random)))
    return f"<voice name={name}>{inside}</voice>"


def _prosody(random: Random, inside: str) -> str:
    amounts = f"rate='{_amount(random)}%' pitch='{_amount(random)}st' volume='{_amount(random)}dB'"
    depth = random.choice((1, 1, 1, 300))
    return f"<prosody {amounts}>" * depth + inside + "</prosody>" * random.choice((depth, depth, depth - 1))


def _nothing_spoken(random: Random, inside: str) -> str:
    time = f"{_amount(random)}{random.choice(('s', 'ms', ''))}"
    return random.choice(
        (
            f"<break time='{time}'/>" * random.choice((1, 1, 70, 3000)),
            f"<![CDATA[{inside}]]><!-- {inside} --><?x {inside}?>",
            f"<x:y xmlns:x='u'>{inside}</x:y>",
            f"&#x{random.randrange(1 << 21):x};&lol;&#0;",
        )
    )


_ELEMENTS: tuple[Callable[[Random, str], str], ...] = (
    lambda random, inside: f"<phoneme ph={quoteattr(odd_ipa(random))}>{inside}</phoneme>",
    lambda random, inside: f"<phoneme ph={quoteattr(odd_ipa(random))}/>",
    lambda random, inside: f"<phoneme alphabet='x-sampa' ph={_attribute(random)}>{inside}</phoneme>",
    lambda random, inside: f"<sub alias={_attribute(random)}>{inside}</sub>",
    lambda random, inside: (
        f"<emphasis level='{random.choice(('strong', 'reduced', 'x'))}'>{inside}</emphasis>"
    ),
    _voice,
    lambda random, inside: f"<p><s>{inside}</s></p>" * random.choice((1, 1, 50)),
    lambda random, inside: "<speak>" * random.choice((0, 1, 500)) + inside,
    lambda random, inside: inside,
    _say_as,
    _prosody,
    _nothing_spoken,
)
