import math

from services.tts.script.attenuate import attenuated
from services.tts.script.spans import Break, Manner, Text


def test_loud_text_is_limited_before_all_text_is_attenuated() -> None:
    spans = tuple(Text("x", Manner(volume_db=db)) for db in (20.0, 0.0, -6.0, -math.inf))
    volumes = [span.manner.volume_db for span in attenuated(spans, 4.0) if isinstance(span, Text)]
    assert volumes == [-4.0, -4.0, -10.0, -math.inf]


def test_zero_decibels_change_nothing() -> None:
    spans = (Text("x", Manner(volume_db=3.0)), Break(0.5))
    assert attenuated(spans, 0.0) == spans
