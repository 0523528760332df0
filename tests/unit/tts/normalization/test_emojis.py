"""Tests how emoji, and letters in another style, are read."""

import pytest

from services.tts.normalization.normalize import normalize_plain
from services.tts.normalization.phrases import read_text


def spoken(text: str, language: str) -> str:
    return "".join(token.spoken + token.tail + token.gap for token in normalize_plain(text, language))


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en-US", "I ❤️ you", "I red heart you"),
        ("en-US", "I \u2764 you", "I red heart you"),
        ("en-US", "ok 👍🏽👍🏽👍🏽 yes", "ok thumbs up yes"),
        ("en-US", "😀 😀 👍.", "grinning face, thumbs up."),
        ("en-US", "yes😀no", "yes grinning face no"),
        ("en-US", "🇩🇪🇫🇷!", "Germany, France!"),
        ("en-US", "👩‍👩‍👧 now", "family woman woman girl now"),
        ("en-US", "step 1️⃣", "step one"),
        ("de", "ich ❤️ dich", "ich rotes herz dich"),
        ("fr", "bravo 😂", "bravo visage riant aux larmes"),
        ("es", "fuego 🔥", "fuego fuego"),
        ("it", "bene 👍🏿", "bene pollice in su"),
        ("pt-BR", "💯", "cem pontos"),
        ("ja", "愛❤️", "愛 赤いハート"),
        ("nl", "ik ❤️ je", "ik ❤ je"),
        ("sv", "jag 👍🏽 dig", "jag 👍 dig"),
        ("en-US", "a → b ™ © ▪", "a → b ™ © ▪"),
    ],
)
def test_an_emoji_is_said_once_by_its_name(language: str, text: str, said: str) -> None:
    assert spoken(text, language) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en-US", "𝓗𝓮𝓵𝓵𝓸 𝔀𝓸𝓻𝓵𝓭", "Hello world"),
        ("en-US", "ｆｕｌｌ ５ kg", "full five kilograms"),
        ("en-US", "Ⓗⓘ ① ℝ ™ ²", "Hi ① R ™ ²"),
        ("de", "𝟑 Äpfel", "drei Äpfel"),
        ("sv", "𝗛𝗲𝗷 då", "Hej då"),
        ("ja", "ＡＢＣ株式会社", "ABC株式会社"),
    ],
)
def test_a_styled_letter_is_read_as_what_it_is(language: str, text: str, said: str) -> None:
    assert spoken(text, language) == said


def test_styled_words_are_shown_as_they_are_written() -> None:
    tokens = normalize_plain("𝓗𝓮𝓵𝓵𝓸 𝔀𝓸𝓻𝓵𝓭 ❤️", "en-US")
    assert [token.shown for token in tokens] == ["𝓗𝓮𝓵𝓵𝓸", "𝔀𝓸𝓻𝓵𝓭", "❤️"]


@pytest.mark.parametrize("part", ["😀", "😀 ", "👍🏽", "❤️\u200d", "🇩", "1️⃣", "𝓗 ", "\ufe0f"])
@pytest.mark.timeout(30)
def test_no_emoji_makes_the_search_slow(part: str) -> None:
    text = part * (50_000 // len(part))
    assert "".join(written for written, _ in read_text(text, "en-US")) == text
