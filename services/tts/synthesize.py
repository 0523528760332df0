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
from services.tts.audibility import SoundCheck, is_audible, no_sound
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.foreign_text import with_readers
from services.tts.normalization.normalize import normalize
from services.tts.parallel_synthesis import synthesize_in_order
from services.tts.piece_joiner import PieceJoiner, SpokenChunk
from services.tts.script.attenuate import attenuated
from services.tts.script.parse import parse_script
from services.tts.script.spans import Break, Span, spoken_characters
from services.tts.split_script import split_script
from services.tts.task_mapping import ScriptTask
from services.tts.voice_selection import VoiceSelection
from services.tts.wav_recording import WavRecording

_STREAMING_CONCURRENCY = 1
"""Streamed speech is made far faster than it is played: the other engine processes are left for others."""
MAX_SPEECH_SECONDS = 9000.0
"""Longest speech: it is in memory. The longest script at the lowest speed takes less, unless it consists of
numbers, or of signs with long names."""
_ATTENUATION_DB = 4.0
"""Attenuation of a repeated synthesis after clipping; more than any emotion makes louder."""


CLONE = "clone"
"""Operation of engines that make speakers of recordings, and speak as these."""


@dataclass(frozen=True, slots=True)
class SpokenFile:
    """A mono 16-bit WAV file with the timeline of its speech."""

    path: Path
    timeline: SpeechTimeline
    checks: tuple[QualityCheck, ...] = ()


async def inspect(engine: EnginePool, task: ScriptTask) -> tuple[Span, ...]:
    """Returns the spans of the script. Raises `InvalidArgument` and `VoiceUnknown` if it cannot be spoken."""
    spans, check = await _read(engine, task)
    await check.check(spans)
    return spans


async def _read(engine: EnginePool, task: ScriptTask) -> tuple[tuple[Span, ...], SoundCheck]:
    """Returns the spans of the script, and the check whether they can be heard.

    Raises `InvalidArgument` and `VoiceUnknown` for what is wrong in the writing.
    """
    spec = await engine.spec()
    if task.speaker is not None and CLONE not in spec.operations:
        raise InvalidArgument(
            f"{spec.name} cannot speak in a cloned voice: speak with the engine that made the voice."
        )
    limit = spec.limits.max_characters
    if limit and len(task.text) > limit:
        raise InvalidArgument(f"The text has {len(task.text)} characters; {spec.name} takes {limit} at most.")
    spans = await asyncio.to_thread(
        parse_script,
        task.text,
        ssml=task.ssml,
        markup=task.markup,
        emotion=task.emotion,
        lexicon=task.lexicon,
    )
    if limit and (spoken := spoken_characters(spans)) > limit:
        raise InvalidArgument(
            f"With the words of lexicon and markup there are {spoken} characters to speak; "
            f"{spec.name} takes {limit} at most."
        )
    selection = VoiceSelection(spec, task.voice)
    selection.check(spans)
    spans = await asyncio.to_thread(lambda: tuple(with_readers(spans, selection)))
    template = Speech((), task.voice, task.speed, task.pitch_semitones)
    return spans, SoundCheck(engine, selection, template)


async def synthesize(
    engine: EnginePool, task: ScriptTask, *, max_concurrency: int = _STREAMING_CONCURRENCY
) -> AsyncGenerator[SpokenChunk]:
    """Yields the speech in order, each chunk as soon as the engine has it.

    At most `max_concurrency` pieces are synthesized at a time. Raises `InvalidArgument` before the first
    chunk if a phoneme cannot be spoken, or if the whole script is silent.
    """
    spans, check = await _read(engine, task)
    await check.check_phonemes(spans)
    selection = check.selection
    tokens = normalize(attenuated(spans, task.attenuation_db), selection.language_of)
    pieces = split_script(tokens, replace(check.template, speaker=task.speaker), selection.voice_of)
    spoken = synthesize_in_order(engine, pieces, max_concurrency=max_concurrency)
    async with aclosing(spoken), aclosing(_audible(_joined(spoken))) as chunks:
        seconds = 0.0
        async for chunk in chunks:
            seconds += len(chunk.samples) / chunk.sample_rate
            if seconds > MAX_SPEECH_SECONDS:
                hours = f"{MAX_SPEECH_SECONDS / 3600:g} hours"
                raise InvalidArgument(f"The speech is longer than {hours}. Split the script into several.")
            yield chunk


async def synthesize_to_file(
    engine: EnginePool, task: ScriptTask, path: Path, *, max_concurrency: int
) -> SpokenFile:
    """Writes the speech to `path`. Raises `InvalidArgument` if the script gives no sound.

    A speech that is clipped is synthesized once more, attenuated.
    """
    spoken = await _synthesize_once(engine, task, path, max_concurrency=max_concurrency)
    if any(check.name == CLIPPING for check in failed(spoken.checks)):
        spoken = await _synthesize_once(
            engine, replace(task, attenuation_db=_ATTENUATION_DB), path, max_concurrency=max_concurrency
        )
    return spoken


async def _synthesize_once(
    engine: EnginePool, task: ScriptTask, path: Path, *, max_concurrency: int
) -> SpokenFile:
    recording = WavRecording()
    async with aclosing(synthesize(engine, task, max_concurrency=max_concurrency)) as chunks:
        async for chunk in chunks:
            recording.add(chunk)
    await asyncio.to_thread(recording.write, path)
    selection = VoiceSelection(await engine.spec(), task.voice)
    timeline = recording.timeline(selection.language_of(""))
    audio = recording.samples(), recording.sample_rate
    checks = await asyncio.to_thread(speech_checks, *audio, timeline, speed=task.speed)
    return SpokenFile(path, timeline, checks)


async def _joined(
    spoken: AsyncGenerator[tuple[Speech, AudioChunk] | Break],
) -> AsyncGenerator[SpokenChunk]:
    joiner = PieceJoiner()
    async for item in spoken:
        if isinstance(item, Break):
            joiner.add_break(item)
            continue
        for chunk in joiner.add(*item):
            yield chunk
    for chunk in joiner.finish():
        yield chunk


async def _audible(chunks: AsyncGenerator[SpokenChunk]) -> AsyncGenerator[SpokenChunk]:
    """Yields the chunks, held back until one of them is not silent."""
    silent: list[SpokenChunk] | None = []
    async for chunk in chunks:
        if silent is None:
            yield chunk
            continue
        silent.append(chunk)
        if is_audible(chunk.samples):
            for each in silent:
                yield each
            silent = None
    if silent is not None:
        raise no_sound()
