import numpy as np
import pytest

from services.chassis.engine_api.timeline import SpeechTimeline, Stress, TimedPhoneme
from services.video.engines.puppet.motion.lip_track import frame_times, lip_track
from services.video.engines.puppet.mouth.lip_pose import COLUMNS

FPS = 25.0


def spoken(*sounds: tuple[str, float], start: float = 0.5, tail: float = 0.5) -> SpeechTimeline:
    phonemes: list[TimedPhoneme] = []
    now = start
    for ipa, seconds in sounds:
        phonemes.append(TimedPhoneme(ipa, now, now + seconds))
        now += seconds
    return SpeechTimeline(now + tail, "en", (), tuple(phonemes))


def column(timeline: SpeechTimeline, name: str, fps: float = FPS) -> np.ndarray:
    return lip_track(timeline, round(timeline.duration * fps), fps)[:, COLUMNS[name]]


def within(timeline: SpeechTimeline, index: int, fps: float = FPS) -> np.ndarray:
    phoneme = timeline.phonemes[index]
    times = frame_times(round(timeline.duration * fps), fps)
    return (times >= phoneme.start) & (times <= phoneme.end)


@pytest.mark.parametrize("fps", [24.0, 25.0, 30.0, 60.0])
@pytest.mark.parametrize("ipa", ["p", "b", "m"])
def test_the_lips_are_closed_in_every_frame_of_a_bilabial(ipa: str, fps: float) -> None:
    timeline = spoken(("ɑ", 0.15), (ipa, 0.06), ("ɑ", 0.15))
    inside = within(timeline, 1, fps)
    assert inside.any()
    assert column(timeline, "open", fps)[inside].max() == 0
    assert column(timeline, "press", fps)[inside].min() == 1


def test_an_open_vowel_opens_between_bilabials() -> None:
    timeline = spoken(("m", 0.08), ("ɑ", 0.2), ("m", 0.08))
    assert column(timeline, "open")[within(timeline, 1)].max() > 0.15


def test_silence_before_between_and_after_is_closed() -> None:
    timeline = SpeechTimeline(3, "en", (), (TimedPhoneme("ɑ", 0.8, 1.0), TimedPhoneme("ɑ", 2.0, 2.2)))
    opening, times = column(timeline, "open"), frame_times(75, FPS)
    silent = (times < 0.6) | ((times > 1.2) & (times < 1.8)) | (times > 2.4)
    assert opening[silent].max() < 0.005
    assert opening[~silent].max() > 0.15


def test_a_labiodental_tucks_the_lip_and_keeps_a_slit() -> None:
    timeline = spoken(("ɑ", 0.15), ("f", 0.1), ("ɑ", 0.15))
    inside = within(timeline, 1)
    assert column(timeline, "tuck")[inside].min() == 1
    assert 0.02 < column(timeline, "open")[inside].max() < 0.08


def test_a_consonant_takes_the_shape_of_the_vowel_after_it() -> None:
    before_u, before_i = spoken(("s", 0.1), ("u", 0.2)), spoken(("s", 0.1), ("i", 0.2))
    inside = within(before_u, 0)
    assert column(before_u, "width")[inside].mean() < column(before_i, "width")[inside].mean() - 0.02


def test_the_lips_move_without_jumps() -> None:
    timeline = spoken(
        ("h", 0.05), ("ɛ", 0.08), ("l", 0.07), ("oʊ", 0.25), ("w", 0.08), ("ɜ", 0.1), ("d", 0.05)
    )
    for name in ("width", "jaw"):
        assert np.abs(np.diff(column(timeline, name, 100.0))).max() < 0.04


def test_the_track_is_as_long_as_the_video_even_past_the_speech() -> None:
    track = lip_track(spoken(("ɑ", 0.1)), 200, FPS)
    assert track.shape == (200, len(COLUMNS))
    assert np.abs(track[-50:]).max() < 1e-3


def test_the_frame_nearest_to_the_shortest_bilabial_is_closed() -> None:
    for start in np.arange(0.5, 0.54, 0.005):
        timeline = spoken(("ɑ", 0.15), ("p", 0.01), ("ɑ", 0.15), start=float(start))
        assert column(timeline, "open").round(6)[13:19].min() == 0


def test_lips_round_for_longer_before_a_rounded_vowel_than_after_it() -> None:
    rounding = column(spoken(("s", 0.2), ("u", 0.1), ("s", 0.2)), "round", 100.0)
    assert rounding[65] > rounding[84] + 0.05


def test_the_opening_is_centred_on_the_vowel() -> None:
    timeline = spoken(("t", 0.1), ("ɑ", 0.12), ("t", 0.1))
    opening = column(timeline, "open", 200.0)
    middle = float((opening * frame_times(len(opening), 200.0)).sum() / opening.sum())
    assert middle == pytest.approx(0.66, abs=0.01)


def test_stress_opens_wider() -> None:
    plain, stressed = (
        SpeechTimeline(1, "en", (), (TimedPhoneme("t", 0.3, 0.4), TimedPhoneme("ɑ", 0.4, 0.55, stress)))
        for stress in (Stress.NONE, Stress.PRIMARY)
    )
    assert column(stressed, "open").max() > 1.2 * column(plain, "open").max()
