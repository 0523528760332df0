"""Expected lengths of scripts."""

import pytest

from services.gateway.speech.length import spoken_seconds

FOX = "The quick brown fox jumps over the lazy dog. "  # 45 characters


@pytest.mark.parametrize(
    ("text", "options", "seconds"),
    [
        ("", {}, 0.0),
        (FOX * 14, {}, 45.0),
        (FOX * 14, {"speed": 2.0}, 22.5),
        ("[happy] " + FOX * 14, {}, 45.0),
        (FOX * 14 + "\n\n  " * 50, {}, 45.0),
        ("你好世界" * 9, {}, 8.0),
        ("안녕하세요" * 9, {}, 10.0),
        (f"<speak>{FOX * 14}</speak>", {"ssml": True}, 45.0),
        (f"<speak>{FOX * 14}<break time=\"2s\"/><break time='500ms'/></speak>", {"ssml": True}, 47.5),
        ("<speak>Hi <break time='999999s'/><break time='999999s'/></speak>", {"ssml": True}, 600.2),
        ("a < b, c > d", {"ssml": False}, 12 / 14),
        ("<" * 200_000, {"ssml": True}, 200_000 / 14),
        ('<break time="' * 10_000, {"ssml": True}, 13 * 10_000 / 14),
        ("[" * 200_000, {}, 200_000 / 14),
    ],
)
def test_lengths(text: str, options: dict[str, float], seconds: float):
    assert spoken_seconds(text, **options) == pytest.approx(seconds, abs=0.15)  # pyright: ignore[reportArgumentType]
