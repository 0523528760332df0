"""Synthesizes speech for all APIs that stream it: resolves the request, speaks it, and applies effects."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from likeness.tts.v1.tts_pb2 import SynthesisTask
from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.chassis.text.markup import Markup
from services.gateway.components import Components
from services.gateway.effects import repository as effects
from services.gateway.effects.chains import Step, names_in, parameters_of, resolve_chain
from services.gateway.engines.catalogue import EFFECTS
from services.gateway.engines.limits import check_length, check_speech
from services.gateway.http.inspection_errors import refusals_name
from services.gateway.intake.language import UNNAMED, load_languages
from services.gateway.lexicon.search import find_words
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.conversion import VoiceChange, convert, play, store_speech
from services.gateway.speech.plan import synthesis_parameters
from services.gateway.speech.spec import ScriptSpec
from services.gateway.speech.voice_choice import choose_model, choose_voice
from services.gateway.voices.cloned import ReadyVoice, is_cloned
from services.gateway.voices.waiting import until_ready


@dataclass(frozen=True, slots=True)
class SynthesisRequest:
    """A text to speak, with voice and manner. `fields` are the names of text, voice and model in refusals."""

    text: str
    voice: str | None = None
    model: str | None = None
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    with_lexicon: bool = True
    markup: Markup = Markup.AUTO
    emotion: Emotion = Emotion.NEUTRAL
    effects: Sequence[str | Step] = ()
    fields: tuple[str, str, str] = ("input", "voice", "model")


async def speak(
    components: Components, workspace: str, request: SynthesisRequest
) -> AsyncGenerator[SpokenChunk]:
    """Returns the speech as it is spoken, once its first chunk is there.

    Raises the refusal of a text that cannot be spoken, before the response has begun. With effects the first
    chunk is there when the whole speech has been spoken and changed.
    """
    named = request.voice
    cloned = await until_ready(components, workspace, named, request.fields[1]) if is_cloned(named) else None
    if cloned or named in UNNAMED:
        await load_languages()
    script, language = script_of(components, request, cloned)
    async with components.pool.acquire() as connection:
        stored = await effects.named(connection, workspace, names_in([request.effects]))
    texts = [request.text] if request.with_lexicon else []
    words = await find_words(components.pool, workspace, texts)
    script = replace(script, lexicon=tuple(words.get(request.text, ())))
    change = change_of(components, request, {name: chain.steps for name, chain in stored.items()})
    task = SynthesisTask(**synthesis_parameters(script))
    chunks = components.speech.synthesize(script.engine.name, task, cloned and cloned.speaker)
    with refusals_name(request.fields[0], "script_invalid"):
        spoken = await begun(chunks)
    if change is None:
        return spoken
    speech = await store_speech(components, workspace, spoken, language)
    changed = await convert(components, workspace, change, speech)
    return await begun(play(components, changed))


def change_of(
    components: Components, request: SynthesisRequest, stored: Mapping[str, Sequence[EffectStep]]
) -> VoiceChange | None:
    """Returns the request's effects, `None` if it has none. Raises `ApiError` for one that does not exist."""
    if not request.effects:
        return None
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    steps = resolve_chain(request.effects, engine, stored, "effects")
    return VoiceChange(engine, ConversionTask(**parameters_of(steps)))


def script_of(
    components: Components, request: SynthesisRequest, cloned: ReadyVoice | None
) -> tuple[ScriptSpec, str]:
    """Returns the script without its lexicon, and its language; `cloned` is the cloned voice that the request
    names. Raises `ApiError` for a request that no engine can carry out."""
    catalogue = components.catalogue
    text_field, voice_field, model_field = request.fields
    model = choose_model(catalogue, request.model, model_field)
    longest = components.settings.max_script_characters
    check_length(text_field, request.text, longest, text_field)
    engine, voice = choose_voice(catalogue, cloned or request.voice, model, request.text, voice_field)
    limits = (longest, engine.limits.max_characters)
    check_length(text_field, request.text, min(filter(None, limits)), text_field)
    check_speech(engine, request.speed, request.pitch_semitones)
    script = ScriptSpec(
        text=request.text,
        engine=engine,
        voice=voice.id,
        speed=request.speed,
        pitch_semitones=request.pitch_semitones,
        ssml=request.ssml,
        markup=request.markup,
        emotion=request.emotion,
        cloned=cloned,
    )
    return script, voice.language


async def begun(chunks: AsyncGenerator[SpokenChunk]) -> AsyncGenerator[SpokenChunk]:
    """Waits for the first chunk. Returns all chunks; raises `InvalidArgument` if there are none."""
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
