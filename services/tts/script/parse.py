"""Parses the text of a task into spans."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.chassis.text.composed import composed
from services.chassis.text.markup import Markup
from services.tts.script.lexicon import Pronunciation, apply_lexicon
from services.tts.script.markdown import as_written, without_markdown
from services.tts.script.spans import Break, Manner, Span, Text
from services.tts.script.ssml import parse_ssml
from services.tts.script.tags import split_at_tags
from services.tts.script.writing import without_controls

MAX_SILENCE_SECONDS = 600.0


def parse_script(
    text: str,
    *,
    ssml: bool,
    markup: Markup = Markup.AUTO,
    emotion: Emotion = Emotion.NEUTRAL,
    lexicon: Iterable[Pronunciation] = (),
) -> tuple[Span, ...]:
    """Returns the spans of a text or an SSML document, with the lexicon applied.

    Marks of Markdown are left out of a text, unless its `markup` is plain.

    Raises `InvalidArgument` for invalid markup and tags, with their line and column, and for a script
    without any text.
    """
    text = composed(without_controls(text))
    manner = Manner(emotion)
    spans = parse_ssml(text, manner) if ssml else tuple(_parse_plain(text, manner, markup))
    if not any(isinstance(span, Text) and span.text.strip() for span in spans):
        raise InvalidArgument("The script is empty: give some words to speak.")
    if sum(span.seconds for span in spans if isinstance(span, Break)) > MAX_SILENCE_SECONDS:
        raise InvalidArgument(f"The breaks of a script last {MAX_SILENCE_SECONDS:g} s at most, all together.")
    return tuple(apply_lexicon(spans, lexicon))


def _parse_plain(text: str, manner: Manner, markup: Markup) -> Iterator[Span]:
    prose = without_markdown(text) if markup is Markup.AUTO else as_written(text)
    for part in split_at_tags(prose.text, prose.position):
        if isinstance(part, Emotion):
            manner = replace(manner, emotion=part)
        else:
            yield Text(part, manner)
