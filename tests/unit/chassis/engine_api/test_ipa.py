"""Parsing of espeak's phoneme names."""

import pytest

from services.chassis.engine_api.ipa import is_pause, parse_phoneme
from services.chassis.engine_api.timeline import Stress


@pytest.mark.parametrize(
    ("name", "ipa", "stress"),
    [
        ("p", "p", Stress.NONE),
        ("ˈoʊ", "oʊ", Stress.PRIMARY),
        ("ˌæ", "æ", Stress.SECONDARY),
        ("ˈɑːɹ", "ɑɹ", Stress.PRIMARY),
        ("t͡ʃ", "tʃ", Stress.NONE),
        ("(en)", "", Stress.NONE),
        ("ʲ", "", Stress.NONE),
        ("˥˩", "", Stress.NONE),
        ("s.", "s", Stress.NONE),
        ("tɕh", "tɕʰ", Stress.NONE),
        ("h", "h", Stress.NONE),
        ("ɑ̃", "ɑ̃", Stress.NONE),
    ],
)
def test_names_become_ipa_and_stress(name: str, ipa: str, stress: Stress) -> None:
    assert parse_phoneme(name) == (ipa, stress)


def test_only_the_empty_name_is_a_pause() -> None:
    assert is_pause("")
    assert not is_pause("(en)")
