"""Languages of scripts that name no voice."""

import pytest

from services.gateway.intake.language import language_of


@pytest.mark.parametrize(
    ("script", "language"),
    [
        ("I am an old photograph that has been taught to speak.", "en"),
        ("Guten Tag, wie geht es Ihnen heute?", "de"),
        ("Bonjour à tous et bienvenue.", "fr"),
        ("Buongiorno a tutti quanti", "it"),
        ("Olá, tudo bem com você?", "pt"),
        ("Dzień dobry wszystkim", "pl"),
        ("Здравствуйте, как дела?", "ru"),
        ("今日はとても良い天気ですね。", "ja"),
        ("你好，很高兴认识你。", "zh"),
        ("[happy] <emphasis>Guten Tag</emphasis>, wie geht es Ihnen heute?", "de"),
        ("Ciao", "en"),
        ("Radio Gaga", "en"),
        ("Ok", "en"),
        ("1 2 3", "en"),
        ("...", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_followed_where_it_is_sure(script: str, language: str) -> None:
    assert language_of(script) == language
