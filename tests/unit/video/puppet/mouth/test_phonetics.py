import pytest

from services.chassis.engine_api.timeline import Stress, TimedPhoneme
from services.video.engines.puppet.mouth.phonetics import letters_of, lip_segments, viseme_of


@pytest.mark.parametrize(
    ("ipa", "letters"),
    [
        ("ɑː", ["ɑ"]),
        ("ˈa", ["a"]),
        ("aɪ", ["a", "ɪ"]),
        ("tʃ", ["t", "ʃ"]),
        ("t͡s", ["t", "s"]),
        ("ɔːɹ", ["ɔ", "ɹ"]),
        ("ç", ["ç"]),
        ("ã", ["a"]),
        ("pʰ", ["p"]),
        ("n̩", ["n"]),
        ("_", []),
        ("", []),
    ],
)
def test_a_phoneme_is_split_into_its_sounds(ipa: str, letters: list[str]) -> None:
    assert letters_of(ipa) == letters


@pytest.mark.parametrize("ipa", ["p", "b", "m"])
def test_bilabials_press_the_lips_shut(ipa: str) -> None:
    pose = viseme_of(ipa).pose
    assert pose.open == 0 and pose.press == 1


@pytest.mark.parametrize("ipa", ["ɸ", "β"])
def test_fricatives_of_both_lips_leave_a_slit(ipa: str) -> None:
    (segment,) = lip_segments((TimedPhoneme(ipa, 0.0, 0.1),))
    assert not segment.closes_lips
    assert 0 < segment.viseme.pose.open < viseme_of("i").pose.open and segment.viseme.pose.press == 0


@pytest.mark.parametrize("ipa", ["f", "v"])
def test_labiodentals_tuck_the_lower_lip(ipa: str) -> None:
    assert viseme_of(ipa).pose.tuck == 1


@pytest.mark.parametrize(
    ("wider", "narrower"), [("i", "u"), ("i", "y"), ("e", "o"), ("a", "ɔ"), ("s", "ʃ"), ("ɪ", "w")]
)
def test_rounded_sounds_narrow_the_mouth(wider: str, narrower: str) -> None:
    wide, narrow = viseme_of(wider).pose, viseme_of(narrower).pose
    assert wide.width > narrow.width and wide.round < narrow.round


@pytest.mark.parametrize(("open_", "close"), [("a", "ə"), ("ə", "i"), ("æ", "ɪ"), ("ɒ", "o"), ("ɔ", "u")])
def test_open_vowels_drop_the_jaw(open_: str, close: str) -> None:
    assert viseme_of(open_).pose.jaw > viseme_of(close).pose.jaw
    assert viseme_of(open_).pose.open > viseme_of(close).pose.open


def test_an_unknown_letter_barely_moves_the_lips() -> None:
    assert viseme_of("ꭓ").opening_weight < viseme_of("t").opening_weight


def test_affricates_and_diphthongs_are_split_in_time_without_gaps() -> None:
    segments = list(lip_segments((TimedPhoneme("tʃ", 0.0, 0.1), TimedPhoneme("aɪ", 0.1, 0.3))))
    assert [segment.start for segment in segments[1:]] == [segment.end for segment in segments[:-1]]
    assert [segment.viseme for segment in segments[:2]] == [viseme_of("t"), viseme_of("ʃ")]
    assert segments[2].end == pytest.approx(0.22)


def test_stress_opens_a_vowel_wider() -> None:
    weak, strong = lip_segments(
        (TimedPhoneme("a", 0, 0.1), TimedPhoneme("a", 0.1, 0.2, stress=Stress.PRIMARY))
    )
    assert strong.viseme.pose.open > weak.viseme.pose.open
