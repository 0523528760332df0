"""Tests the core of the TTS service with real engine processes."""

import itertools
import wave
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_api.quality import failed
from services.chassis.engine_api.timeline import Emotion
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument, VoiceUnknown
from services.tts.engines.registry import ENGINES
from services.tts.piece_joiner import SpokenChunk
from services.tts.script.lexicon import pronunciation
from services.tts.synthesize import inspect, synthesize, synthesize_to_file
from services.tts.task_mapping import ScriptTask

LONG = " ".join(f"Sentence number {number} is here, and it ends." for number in range(60))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def espeak(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[EnginePool]:
    entry = next(entry for entry in ENGINES if entry.name == "espeak")
    pool = EnginePool(entry, ChildSettings(tmp_path_factory.mktemp("engines")), size=2)
    yield pool
    await pool.close()


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def chunks_of(
    pool: EnginePool, text: str, max_concurrency: int = 1, **options: object
) -> list[SpokenChunk]:
    task = ScriptTask(text, "en-us", **options)  # type: ignore[arg-type]
    async with aclosing(synthesize(pool, task, max_concurrency=max_concurrency)) as chunks:
        return [chunk async for chunk in chunks]


def samples(chunks: list[SpokenChunk]) -> np.ndarray:
    return np.concatenate([chunk.samples for chunk in chunks]).astype(int)


async def test_parallel_synthesis_gives_the_same_speech_as_one_by_one(espeak: EnginePool) -> None:
    one_by_one = await chunks_of(espeak, LONG)
    in_parallel = await chunks_of(espeak, LONG, max_concurrency=2)
    assert np.array_equal(samples(one_by_one), samples(in_parallel))
    assert [c.words for c in one_by_one] == [c.words for c in in_parallel]
    assert len(espeak.pids) == 2


async def test_a_speech_that_is_left_costs_no_engine_process(espeak: EnginePool) -> None:
    await espeak.warm()
    pids = espeak.pids
    for _ in range(3):
        async with aclosing(synthesize(espeak, ScriptTask(LONG, "en-us"), max_concurrency=2)) as chunks:
            await anext(chunks)
    assert len(await chunks_of(espeak, "Hello.")) > 0
    assert espeak.pids == pids


async def test_times_continue_from_piece_to_piece(espeak: EnginePool) -> None:
    chunks = await chunks_of(espeak, LONG)
    items = [word for chunk in chunks for word in chunk.words]
    assert " ".join(word.text for word in items) == LONG.replace(",", "").replace(".", "")
    assert all(a.end <= b.start for a, b in itertools.pairwise(items))
    assert items[-1].end <= len(samples(chunks)) / chunks[0].sample_rate


async def test_words_sound_where_the_timeline_says(espeak: EnginePool) -> None:
    """Checks late in a long script too that a word is loud and the pause after a sentence is not."""
    chunks = await chunks_of(espeak, LONG)
    heard, rate = samples(chunks), chunks[0].sample_rate
    items = [word for chunk in chunks for word in chunk.words]
    ends = [(a, b) for a, b in itertools.pairwise(items) if b.text == "Sentence"]
    for last, first in ends[-10:]:
        word = heard[round(last.start * rate) : round(last.end * rate)]
        pause = heard[round((last.end + 0.02) * rate) : round((first.start - 0.01) * rate)]
        assert np.std(pause) < 0.02 * np.std(word)


async def test_pieces_are_joined_in_silence(espeak: EnginePool) -> None:
    """Checks that there is no step between the last samples of a piece and the first of the next."""
    chunks = await chunks_of(espeak, "One. Two! [happy] Three, [sad] four? Five.")
    starts = np.cumsum([len(chunk.samples) for chunk in chunks])[:-1]
    emotions = [chunk.emotions[0].emotion if chunk.emotions else None for chunk in chunks]
    boundaries = [at for at, (a, b) in zip(starts, itertools.pairwise(emotions), strict=True) if a != b]
    assert len(boundaries) == 2
    heard = samples(chunks)
    for boundary in boundaries:
        assert np.abs(np.diff(heard[boundary - 50 : boundary + 50])).max() < 200


async def test_emotions_and_breaks_are_where_the_script_has_them(espeak: EnginePool, tmp_path: Path) -> None:
    text = '<speak>Oh. [happy] Good <break time="800ms"/> news! [neutral] Bye.</speak>'
    spoken = await synthesize_to_file(
        espeak, ScriptTask(text, "en-us", ssml=True), tmp_path / "speech.wav", max_concurrency=2
    )
    oh, good, news, bye = spoken.timeline.words
    (happy,) = spoken.timeline.emotions
    assert (happy.emotion, oh.end <= happy.start <= good.start) == (Emotion.HAPPY, True)
    assert news.end <= happy.end <= bye.start
    assert 0.8 <= news.start - good.end < 0.95
    with wave.open(str(spoken.path)) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(spoken.timeline.duration)


async def test_a_break_at_the_end_is_kept(espeak: EnginePool) -> None:
    plain = await chunks_of(espeak, "Oh.")
    held = await chunks_of(espeak, 'Oh.<break time="1s"/>', ssml=True)
    rate = plain[0].sample_rate
    assert len(samples(held)) == len(samples(plain)) + rate


async def test_the_lexicon_and_the_tasks_emotion_reach_the_engine(espeak: EnginePool) -> None:
    lexicon = (pronunciation("SQL", ipa="ˈsiːkwəl"),)
    chunks = await chunks_of(espeak, "sql!", lexicon=lexicon, emotion=Emotion.ANGRY)
    assert "".join(p.ipa for chunk in chunks for p in chunk.phonemes) == "sikwəl"
    assert [word.text for chunk in chunks for word in chunk.words] == ["sql"]
    assert {e.emotion for chunk in chunks for e in chunk.emotions} == {Emotion.ANGRY}


async def test_a_script_may_change_its_voice(espeak: EnginePool) -> None:
    text = 'Day <voice name="de">Tag</voice> <voice xml:lang="fr">jour</voice>'
    chunks = await chunks_of(espeak, text, ssml=True)
    assert "".join(p.ipa for chunk in chunks for p in chunk.phonemes) == "deɪtɑkʒuʁ"


@pytest.mark.parametrize("text", ["...", "…", "<break/>"])
async def test_a_script_without_sound_is_refused(espeak: EnginePool, text: str) -> None:
    with pytest.raises(InvalidArgument, match="give some words"):
        await chunks_of(espeak, text, ssml="<" in text)


async def test_an_invalid_script_is_refused_before_any_synthesis(espeak: EnginePool) -> None:
    for task, error in (
        (ScriptTask("a" * 100_001, "en-us"), InvalidArgument),
        (ScriptTask("Oh [sigh]", "en-us"), InvalidArgument),
        (ScriptTask('<voice name="en-ux">x</voice>', "en-us", ssml=True), VoiceUnknown),
        (ScriptTask('<voice xml:lang="tlh">x</voice>', "en-us", ssml=True), VoiceUnknown),
    ):
        with pytest.raises(error):
            await inspect(espeak, task)


async def test_closing_the_stream_stops_the_engines(espeak: EnginePool) -> None:
    stream = synthesize(espeak, ScriptTask(LONG, "en-us"), max_concurrency=2)
    first = await anext(stream)
    await stream.aclose()
    again = await chunks_of(espeak, LONG)
    assert np.array_equal(again[0].samples, first.samples)


async def test_clipped_speech_is_synthesized_again_attenuated(tmp_path: Path) -> None:
    pool = EnginePool(
        EngineEntry("loud", "tests.unit.tts.loud_engine:LoudEngine"), ChildSettings(tmp_path), size=1
    )
    try:
        spoken = await synthesize_to_file(
            pool, ScriptTask("Hum.", "only"), tmp_path / "a.wav", max_concurrency=1
        )
    finally:
        await pool.close()
    clipping = next(check for check in spoken.checks if check.name == "clipping")
    assert clipping.passed
    with wave.open(str(spoken.path)) as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    assert 0.5 < np.abs(heard).max() / 32768 < 0.9


async def test_a_speech_comes_with_its_checks(espeak: EnginePool, tmp_path: Path) -> None:
    task = ScriptTask("This is a sentence of a good many syllables.", "en-us")
    spoken = await synthesize_to_file(espeak, task, tmp_path / "speech.wav", max_concurrency=1)
    names = [check.name for check in spoken.checks]
    assert names == ["clipping", "leading_silence", "inner_silence", "speaking_rate", "loudness"]
    assert failed(spoken.checks) == ()
