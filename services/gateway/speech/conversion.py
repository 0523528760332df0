"""Converts whole speech with the voice service, by way of the object store, before it is streamed."""

import wave
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from likeness.voice.v1.voice_pb2 import ConversionTask
from services.chassis.aio import in_thread
from services.chassis.contracts.timeline import TIMELINE_MEDIA_TYPE, timeline_from_json, timeline_to_json
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.storage import Artifact
from services.gateway.assets.intake import discard_later, put_file, upload_folder
from services.gateway.components import Components
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.conversion_client import TIMEOUT_SECONDS

CHUNK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class VoiceChange:
    """A task for the voice service; `reference` is a recording of the voice to move towards."""

    engine: EngineSpec
    task: ConversionTask
    reference: Artifact | None = None


async def store_speech(
    components: Components, workspace: str, chunks: AsyncGenerator[SpokenChunk], language: str
) -> dict[str, Artifact]:
    """Stores the whole speech. Returns its `speech` and `timeline`, as inputs of the voice service.

    They are listed as garbage, to be deleted after the response.
    """
    spoken: list[SpokenChunk] = []
    with upload_folder() as folder:
        async with aclosing(chunks):
            with wave.open(str(folder / "speech.wav"), "wb") as file:
                async for chunk in chunks:
                    await in_thread(partial(append, file, chunk))
                    spoken.append(chunk)
        timeline = folder / "timeline.json"
        timeline.write_bytes(timeline_to_json(timeline_of(spoken, language)))
        stored = {
            "speech": await put_file(components, workspace, folder / "speech.wav", "audio/wav"),
            "timeline": await put_file(components, workspace, timeline, TIMELINE_MEDIA_TYPE),
        }
    await discard_after_response(components, stored.values())
    return stored


def append(file: wave.Wave_write, chunk: SpokenChunk) -> None:
    """Appends the chunk; the first one sets the file's format."""
    if not file.getnframes():
        file.setparams((1, 2, chunk.sample_rate, 0, "NONE", "not compressed"))
    file.writeframes(chunk.pcm)


def timeline_of(chunks: Iterable[SpokenChunk], language: str) -> SpeechTimeline:
    chunks = tuple(chunks)
    return SpeechTimeline(
        duration=sum(chunk.seconds for chunk in chunks),
        language=language,
        words=tuple(word for chunk in chunks for word in chunk.words),
        phonemes=tuple(phoneme for chunk in chunks for phoneme in chunk.phonemes),
        emotions=tuple(emotion for chunk in chunks for emotion in chunk.emotions),
    )


async def convert(
    components: Components, workspace: str, change: VoiceChange, speech: Mapping[str, Artifact]
) -> dict[str, Artifact]:
    """Returns the changed `speech`, and its `timeline` if there was one."""
    inputs = dict(speech)
    if change.reference is not None:
        inputs["reference"] = change.reference
    outputs = await components.conversion.convert(workspace, change.engine.name, change.task, inputs)
    await discard_after_response(components, outputs.values())
    return outputs


async def discard_after_response(components: Components, artifacts: Iterable[Artifact]) -> None:
    """Lists the artifacts to be deleted when the response that needs them must be over."""
    keep = TIMEOUT_SECONDS + components.settings.garbage_delay_seconds
    await discard_later(components, artifacts, keep)


async def play(components: Components, stored: Mapping[str, Artifact]) -> AsyncGenerator[SpokenChunk]:
    """Yields a stored mono 16-bit WAV file and its timeline, if it has one, in chunks as if it were just
    being spoken."""
    with upload_folder() as folder:
        path = await components.store.fetch(stored["speech"], folder / "speech.wav")
        timeline = SpeechTimeline(0.0)
        if "timeline" in stored:
            timeline = timeline_from_json(await components.store.read(stored["timeline"].key))
        for chunk in cut(path, timeline):
            yield chunk


def cut(path: Path, timeline: SpeechTimeline) -> Iterator[SpokenChunk]:
    """Yields chunks of `CHUNK_SECONDS`, each with the words and phonemes that begin in it."""
    with wave.open(str(path), "rb") as file:
        rate = file.getframerate()
        start = 0.0
        while pcm := file.readframes(round(CHUNK_SECONDS * rate)):
            end = start + len(pcm) / 2 / rate
            yield SpokenChunk(
                pcm,
                rate,
                tuple(word for word in timeline.words if start <= word.start < end),
                tuple(phoneme for phoneme in timeline.phonemes if start <= phoneme.start < end),
            )
            start = end
