"""From what should be said to the stream of speech, whichever API it was asked for by."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.errors import InvalidArgument
from services.gateway.components import Components
from services.gateway.engines.limits import check_speech
from services.gateway.errors import invalid
from services.gateway.speech.client import SpokenChunk


@dataclass(frozen=True, slots=True)
class Wish:
    """What should be said and how. `fields` are the names by which a refusal calls text, voice and model."""

    text: str
    voice: str | None = None
    model: str | None = None
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    fields: tuple[str, str, str] = ("input", "voice", "model")


async def speak(components: Components, workspace: str, wish: Wish) -> AsyncGenerator[SpokenChunk]:
    """The speech as it is spoken, from the moment on at which it has begun: what cannot be said is refused
    here, before an answer is."""
    chunks = synthesize(components, wish)
    try:
        first = await anext(chunks)
    except StopAsyncIteration:
        raise InvalidArgument("This text gives no sound. Write something that can be spoken.") from None
    return preceded(first, chunks)


def synthesize(components: Components, wish: Wish) -> AsyncGenerator[SpokenChunk]:
    """Raises `ApiError` for what no engine can do."""
    catalogue = components.catalogue
    text_field, voice_field, model_field = wish.fields
    model = catalogue.engine("tts", wish.model, model_field) if wish.model else None
    engine, voice = catalogue.voice(wish.voice, model, voice_field)
    limit = min(filter(None, (components.settings.max_script_characters, engine.limits.max_characters)))
    if len(wish.text) > limit:
        message = f"The {text_field} has {len(wish.text)} characters; the limit is {limit}. Send it in parts."
        raise invalid(f"{text_field}_too_long", message, text_field)
    check_speech(engine, wish.speed, wish.pitch_semitones)
    task = SynthesisTask(
        text=wish.text,
        voice=voice.id,
        speed=wish.speed,
        pitch_semitones=wish.pitch_semitones,
        ssml=wish.ssml,
    )
    return components.speech.synthesize(engine.name, task)


async def preceded(first: SpokenChunk, rest: AsyncGenerator[SpokenChunk]) -> AsyncGenerator[SpokenChunk]:
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk
