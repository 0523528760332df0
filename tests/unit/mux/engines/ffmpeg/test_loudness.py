import pytest

from services.mux.engines.ffmpeg.loudness import (
    Loudness,
    Mastering,
    corrected,
    first_mastering,
    parse_loudness,
)

LOG = """
[Parsed_ebur128_1 @ 0x5581] Summary:

  Integrated loudness:
    I:         %s LUFS
    Threshold: -34.3 LUFS

  Loudness range:
    LRA:         6.0 LU
    Threshold: -45.0 LUFS

  True peak:
    Peak:      %s dBFS
[out#0/null @ 0x55] video:0KiB
"""


def test_the_last_summary_of_the_log_is_read() -> None:
    assert parse_loudness(LOG % ("-1.0", "-1.0") + LOG % ("-23.5", "-4.2")) == Loudness(-23.5, -4.2)


def test_digital_silence_is_read() -> None:
    assert parse_loudness(LOG % ("-70.0", "-inf")).silent


def test_a_log_without_loudness_raises() -> None:
    with pytest.raises(ValueError, match="no loudness"):
        parse_loudness("size=N/A time=00:00:01")


@pytest.mark.parametrize(
    ("lufs", "peak", "expected"),
    [
        (-20.0, -10.0, Mastering(4.0, None)),
        (-20.0, -3.0, Mastering(4.0, -2.5)),
        (-10.0, 1.0, Mastering(-6.0, None)),
        (float("-inf"), float("-inf"), Mastering(0.0, None)),
        (-65.0, -40.0, Mastering(0.0, None)),
    ],
    ids=["room enough", "limited", "too loud", "silence", "hum"],
)
def test_first_mastering(lufs: float, peak: float, expected: Mastering) -> None:
    assert first_mastering(Loudness(lufs, peak), -16.0) == expected


@pytest.mark.parametrize(
    ("tried", "lufs", "peak", "expected"),
    [
        (Mastering(4.0), -16.2, -2.0, None),
        (Mastering(4.0, -2.5), -17.0, -1.6, Mastering(5.0, -2.5)),
        (Mastering(4.0), -16.0, -1.0, Mastering(4.0, -3.0)),
        (Mastering(4.0, -2.5), -16.0, -1.0, Mastering(4.0, -3.0)),
        (Mastering(4.0), -17.0, -2.0, Mastering(5.0, -2.5)),
        (Mastering(), float("-inf"), float("-inf"), None),
    ],
    ids=["good", "too quiet", "peaks, no limiter yet", "peaks", "louder needs a limiter", "silence"],
)
def test_corrected(tried: Mastering, lufs: float, peak: float, expected: Mastering | None) -> None:
    assert corrected(tried, Loudness(lufs, peak), -16.0) == expected
