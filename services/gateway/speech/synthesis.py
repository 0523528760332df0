"""From what should be said to the stream of speech, whichever API it was asked for by."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from likeness.tts.v1.tts_pb2 import SynthesisTask
from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.gateway.components import Components
from services.gateway.effects import repository as effects
from services.gateway.effects.chains import Step, names_in, parameters_of, resolve_chain
from services.gateway.engines.catalogue import EFFECTS
from services.gateway.engines.limits import check_length, check_speech
from services.gateway.lexicon import repository as lexicon
from services.gateway.lexicon.pronunciation import occurring
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.conversion import VoiceChange, convert, play, store_speech
from services.gateway.speech.plan import synthesis_parameters
from services.gateway.speech.spec import ScriptSpec


@dataclass(frozen=True, slots=True)
class Wish:
    """What should be said and how. `fields` are the names by which a refusal calls text, voice and model."""

    text: str
    voice: str | None = None
    model: str | None = None
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    emotion: Emotion = Emotion.NEUTRAL
    effects: Sequence[str | Step] = ()
    fields: tuple[str, str, str] = ("input", "voice", "model")


async def speak(components: Components, workspace: str, wish: Wish) -> AsyncGenerator[SpokenChunk]:
    """The speech as it is spoken, from the moment on at which it has begun: what cannot be said is refused
    here, before an answer is. With effects it begins when the whole of it has been spoken and changed."""
    script, language = script_of(components, wish)
    async with components.pool.acquire() as connection:
        words = await lexicon.candidates(connection, workspace, wish.text)
        stored = await effects.named(connection, workspace, names_in([wish.effects]))
    script = replace(script, lexicon=occurring(words, wish.text))
    chunks = components.speech.synthesize(script.engine.name, SynthesisTask(**synthesis_parameters(script)))
    if not wish.effects:
        return await begun(chunks)
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    known = {name: chain.steps for name, chain in stored.items()}
    task = ConversionTask(**parameters_of(resolve_chain(wish.effects, engine, known, "effects")))
    speech = await store_speech(components, workspace, await begun(chunks), language)
    changed = await convert(components, workspace, VoiceChange(engine, task), speech)
    return await begun(play(components, changed))


def script_of(components: Components, wish: Wish) -> tuple[ScriptSpec, str]:
    """What is said, and in which language. Raises `ApiError` for what no engine can do."""
    catalogue = components.catalogue
    text_field, voice_field, model_field = wish.fields
    model = catalogue.engine("tts", wish.model, model_field) if wish.model else None
    engine, voice = catalogue.voice(wish.voice, model, voice_field)
    limits = (components.settings.max_script_characters, engine.limits.max_characters)
    check_length(text_field, wish.text, min(filter(None, limits)), text_field)
    check_speech(engine, wish.speed, wish.pitch_semitones)
    script = ScriptSpec(
        text=wish.text,
        engine=engine,
        voice=voice.id,
        speed=wish.speed,
        pitch_semitones=wish.pitch_semitones,
        ssml=wish.ssml,
        emotion=wish.emotion,
    )
    return script, voice.language


async def begun(chunks: AsyncGenerator[SpokenChunk]) -> AsyncGenerator[SpokenChunk]:
    try:
        first = await anext(chunks)
    except StopAsyncIteration:
        raise InvalidArgument("This text gives no sound. Write something that can be spoken.") from None
    return preceded(first, chunks)


async def preceded(first: SpokenChunk, rest: AsyncGenerator[SpokenChunk]) -> AsyncGenerator[SpokenChunk]:
    async with aclosing(rest):
        yield first
        async for chunk in rest:
            yield chunk
