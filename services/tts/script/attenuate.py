"""Attenuates a script, so that it is spoken softer."""

from dataclasses import replace

from services.tts.script.spans import Span, Text


def attenuated(spans: tuple[Span, ...], decibels: float) -> tuple[Span, ...]:
    """Returns the spans with every text softer than the voice's own loudness by `decibels`.

    What the script itself makes louder is limited to the voice's own loudness first.
    """
    return tuple(
        _attenuated_text(span, decibels) if isinstance(span, Text) and decibels else span for span in spans
    )


def _attenuated_text(text: Text, decibels: float) -> Text:
    manner = replace(text.manner, volume_db=min(text.manner.volume_db, 0.0) - decibels)
    return replace(text, manner=manner)
