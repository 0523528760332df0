import pytest

from services.chassis.errors import InvalidArgument
from services.tts.engines.espeak.phonemes import Mnemonic, spell

SPELLING = {"a": Mnemonic("a", True), "t": Mnemonic("t", False), "tʃ": Mnemonic("tS", False)}


@pytest.mark.parametrize(
    ("ipa", "names"),
    [("ta", "t|'a"), ("atˈa", "a|t|'a"), ("tʃa", "tS|'a"), ("ta.ta", "t|'a|t|a"), ("tæ", "t|'a")],
)
def test_ipa_becomes_names_of_phonemes(ipa: str, names: str) -> None:
    assert spell(ipa, SPELLING) == names


def test_many_phonemes_are_in_groups_that_the_library_has_room_for() -> None:
    groups = spell("ˈat" * 100, SPELLING).split("]] [[")
    assert [group.count("|") + 1 for group in groups] == [60, 60, 60, 20]


def test_a_sound_that_the_voice_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="no phoneme like 'ʘ'"):
        spell("aʘ", SPELLING)
