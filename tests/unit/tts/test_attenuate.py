import math

from services.tts.script.attenuate import softened
from services.tts.script.spans import Break, Manner, Text


def test_what_is_louder_is_softer_than_normal_and_what_is_soft_stays_below() -> None:
    spans = tuple(Text("x", Manner(volume_db=db)) for db in (20.0, 0.0, -6.0, -math.inf))
    volumes = [span.manner.volume_db for span in softened(spans, 4.0) if isinstance(span, Text)]
    assert volumes == [-4.0, -4.0, -10.0, -math.inf]


def test_nothing_changes_where_nothing_is_asked_for() -> None:
    spans = (Text("x", Manner(volume_db=3.0)), Break(0.5))
    assert softened(spans, 0.0) == spans
