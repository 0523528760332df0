import numpy as np

from services.chassis.engine_api.timeline import SpeechTimeline, Stress, TimedPhoneme
from services.video.engines.puppet.motion.lip_track import frame_times
from services.video.engines.puppet.motion.prosody import brow_track, nod_track, phrases

TIMES = frame_times(150, 25.0)
STRESSED = SpeechTimeline(
    6,
    "en",
    (),
    (
        TimedPhoneme("t", 0.9, 1.0),
        TimedPhoneme("a", 1.0, 1.2, Stress.PRIMARY),
        TimedPhoneme("n", 1.2, 1.3),
        TimedPhoneme("a", 1.3, 1.4, Stress.PRIMARY),
        TimedPhoneme("a", 3.0, 3.2),
    ),
)
PLAIN = SpeechTimeline(6, "en", (), tuple(TimedPhoneme(p.ipa, p.start, p.end) for p in STRESSED.phonemes))


def test_a_pause_separates_phrases() -> None:
    assert [len(phrase) for phrase in phrases(STRESSED)] == [4, 1]
    assert phrases(None) == []


def test_most_stressed_sounds_nod_one_at_a_time_each_as_deep_as_seeded() -> None:
    nods = np.array([nod_track(TIMES, STRESSED, seed) - nod_track(TIMES, PLAIN, seed) for seed in range(60)])
    assert np.abs(nods[:, :20]).max() == 0 and np.abs(nods[:, 40:]).max() == 0
    depths = nods.max(axis=1)
    assert 0.5 < (depths > 0.5).mean() < 0.9
    assert depths[depths > 0.5].std() > 0.2 and depths.max() < 1.85
    assert np.array_equal(nod_track(TIMES, STRESSED, 1), nod_track(TIMES, STRESSED, 1))


def test_the_head_sinks_to_the_end_of_a_phrase_and_comes_back() -> None:
    nods = nod_track(TIMES, PLAIN, 0)
    assert nods[10] < 0.01 and nods[35] > 0.4 and nods[65] < 0.3 and nods[80] > 0.4 and nods[140] < 0.01


def test_brows_rise_with_the_longest_stressed_sound_of_most_phrases() -> None:
    raised = [brow_track(TIMES, STRESSED, seed) for seed in range(40)]
    peaks = np.array([track.max() for track in raised])
    assert 0.5 < (peaks > 0.2).mean() < 0.9
    assert {int(track.argmax()) for track in raised if track.max() > 0.2} <= {29, 30}
    assert brow_track(TIMES, PLAIN, 1).max() == 0
