import pytest

from services.voice.engines.sphinx.arpabet import IPA_OF, VOWELS, phones_of


@pytest.mark.parametrize("phone", sorted(IPA_OF))
def test_every_phone_survives_conversion_to_ipa_and_back(phone: str) -> None:
    assert phones_of(IPA_OF[phone]) == (phone,)
    assert set(IPA_OF) >= VOWELS


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("ɔɹ", ("AO", "R")),
        ("ts", ("T", "S")),
        ("əʊ", ("OW",)),
        ("y", ("UW",)),
        ("ø", ("ER",)),
        ("ʁ", ("R",)),
        ("ç", ("SH",)),
        ("ɛ̃", ("EH",)),
        ("ã", ("AA",)),
        ("tʰ", ("T",)),
        ("ʔ", ()),
        ("", ()),
    ],
)
def test_the_nearest_sound_stands_for_a_foreign_one(ipa: str, phones: tuple[str, ...]) -> None:
    assert phones_of(ipa) == phones
