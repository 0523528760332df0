"""Synthesizes a script, as a stream of chunks or into a file: the core of the TTS service."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from services.chassis.engine_api.quality import QualityCheck, failed
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.chassis.speech.checks import CLIPPING, speech_checks
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.normalization.reader import read
from services.tts.parallel_synthesis import speak_in_order
from services.tts.piece_joiner import PieceJoiner, SpokenChunk
from services.tts.script.attenuate import softened
from services.tts.script.parse import parse_script
from services.tts.script.spans import Break, Span
from services.tts.split_script import split_script
from services.tts.task_mapping import ScriptTask
from services.tts.voice_selection import Casting
from services.tts.wav_recording import Recording

_AT_ONCE_WHILE_HEARD = 1
"""Streamed speech is made far faster than it is played: the other engine processes are left for others."""
_SOFTER_DB = 4.0
"""Attenuation of a repeated synthesis after clipping; more than any emotion makes louder."""


@dataclass(frozen=True, slots=True)
class SpokenFile:
    """A mono 16-bit WAV file with the timeline of its speech."""

    path: Path
    timeline: SpeechTimeline
    checks: tuple[QualityCheck, ...] = ()


async def inspect(engine: EnginePool, task: ScriptTask) -> tuple[Span, ...]:
    """Returns the spans of the script. Raises `InvalidArgument` and `VoiceUnknown` if it cannot be spoken."""
    spec = await engine.spec()
    limit = spec.limits.max_characters
    if limit and len(task.text) > limit:
        raise InvalidArgument(f"The text has {len(task.text)} characters; {spec.name} takes {limit} at most.")
    spans = await asyncio.to_thread(
        parse_script, task.text, ssml=task.ssml, emotion=task.emotion, lexicon=task.lexicon
    )
    Casting(spec, task.voice).check(spans)
    return spans


async def synthesize(
    engine: EnginePool, task: ScriptTask, *, at_once: int = _AT_ONCE_WHILE_HEARD
) -> AsyncGenerator[SpokenChunk]:
    """Yields the speech in order, each chunk as soon as the engine has it.

    At most `at_once` pieces are synthesized at a time. Raises `InvalidArgument` before the first chunk if
    the whole script is silent.
    """
    spans = softened(await inspect(engine, task), task.softer_db)
    casting = Casting(await engine.spec(), task.voice)
    template = Speech((), task.voice, task.speed, task.pitch_semitones)
    pieces = split_script(read(spans, casting.language_of), template, casting.voice_of)
    spoken = speak_in_order(engine, pieces, at_once=at_once)
    async with aclosing(spoken), aclosing(_audible(_joined(spoken))) as chunks:
        async for chunk in chunks:
            yield chunk


async def synthesize_to_file(engine: EnginePool, task: ScriptTask, path: Path, *, at_once: int) -> SpokenFile:
    """Writes the speech to `path`. Raises `InvalidArgument` if the text gives no sound.

    A speech that is clipped is synthesized once more, attenuated.
    """
    spoken = await _speak_to_file(engine, task, path, at_once=at_once)
    if any(check.name == CLIPPING for check in failed(spoken.checks)):
        spoken = await _speak_to_file(engine, replace(task, softer_db=_SOFTER_DB), path, at_once=at_once)
    return spoken


async def _speak_to_file(engine: EnginePool, task: ScriptTask, path: Path, *, at_once: int) -> SpokenFile:
    recording = Recording()
    async with aclosing(synthesize(engine, task, at_once=at_once)) as chunks:
        async for chunk in chunks:
            recording.add(chunk)
    await asyncio.to_thread(recording.write, path)
    casting = Casting(await engine.spec(), task.voice)
    timeline = recording.timeline(casting.language_of(""))
    heard = recording.samples(), recording.sample_rate
    checks = await asyncio.to_thread(speech_checks, *heard, timeline, speed=task.speed)
    return SpokenFile(path, timeline, checks)


async def _joined(
    spoken: AsyncGenerator[tuple[Speech, AudioChunk] | Break],
) -> AsyncGenerator[SpokenChunk]:
    joint = PieceJoiner()
    async for item in spoken:
        if isinstance(item, Break):
            joint.rest(item)
            continue
        for chunk in joint.add(*item):
            yield chunk
    for chunk in joint.finish():
        yield chunk


async def _audible(chunks: AsyncGenerator[SpokenChunk]) -> AsyncGenerator[SpokenChunk]:
    """Yields the chunks, held back until one of them is not silent."""
    silent: list[SpokenChunk] | None = []
    async for chunk in chunks:
        if silent is None:
            yield chunk
            continue
        silent.append(chunk)
        if chunk.samples.any():
            for each in silent:
                yield each
            silent = None
    if silent is not None:
        raise InvalidArgument("The text gives no sound: give some words to speak.")
