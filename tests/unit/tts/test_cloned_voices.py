"""Tests stages that make speakers and speak as them, with the engine of `tests/mimic`."""

import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from pathlib import Path

import pytest
import pytest_asyncio
import soundfile

from likeness.tts.v1.tts_pb2 import Cloning, SynthesisTask
from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import InvalidArgument
from services.chassis.worker.runner import StageResult
from services.tts.engines.registry import ENGINES
from services.tts.stage_handler import SPEAKER_MEDIA_TYPE, SynthesisHandler, references_among
from tests.examples import READER
from tests.mimic.engine import semitones_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
HANDLER = SynthesisHandler(max_concurrency=1)
CLONING = SynthesisTask(cloning=Cloning())
GREETING = SynthesisTask(text="Hello there, my friend.", voice="en-us")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the only folder that the engines read and write, with the recording."""
    folder = tmp_path_factory.mktemp("engines")
    shutil.copy(READER, folder)
    return folder


@pytest.fixture
def scratch(folder: Path, request: pytest.FixtureRequest) -> Path:
    scratch = folder / request.node.name
    scratch.mkdir()
    return scratch


@pytest.fixture
def reader(folder: Path) -> Path:
    return folder / READER.name


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mimic(folder: Path) -> AsyncGenerator[EnginePool]:
    pool = EnginePool(EngineEntry("mimic", "tests.mimic.engine:MimicEngine"), ChildSettings(folder), size=1)
    yield pool
    await pool.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def espeak(folder: Path) -> AsyncGenerator[EnginePool]:
    entry = next(entry for entry in ENGINES if entry.name == "espeak")
    pool = EnginePool(entry, ChildSettings(folder), size=1)
    yield pool
    await pool.close()


async def run(
    pool: EnginePool, task: SynthesisTask, inputs: Mapping[str, Path], scratch: Path
) -> list[Progress | StageResult]:
    scratch.mkdir()  # noqa: ASYNC240 - it takes no time
    async with aclosing(HANDLER.run(pool, task, inputs, scratch)) as items:
        return [item async for item in items]


async def cloned(pool: EnginePool, folder: Path) -> Path:
    *_, made = await run(pool, CLONING, {"reference": folder.parents[1] / READER.name}, folder)
    assert isinstance(made, StageResult)
    return made.products["speaker"].path


async def speech(pool: EnginePool, task: SynthesisTask, inputs: Mapping[str, Path], scratch: Path) -> bytes:
    *_, made = await run(pool, task, inputs, scratch)
    assert isinstance(made, StageResult)
    return made.products["speech"].path.read_bytes()


async def test_a_cloning_makes_a_speaker_alone(mimic: EnginePool, reader: Path, scratch: Path) -> None:
    progress, made = await run(mimic, CLONING, {"reference": reader}, scratch / "clone")
    assert progress == Progress(0.5)
    assert isinstance(made, StageResult)
    assert {name: each.media_type for name, each in made.products.items()} == {"speaker": SPEAKER_MEDIA_TYPE}
    assert made.media_seconds == pytest.approx(7.1, abs=0.1)


async def test_a_new_speaker_is_heard_by_a_recogniser(mimic: EnginePool, reader: Path, scratch: Path) -> None:
    *_, made = await run(mimic, CLONING, {"reference": reader}, scratch / "clone")
    assert isinstance(made, StageResult)
    similarity, heard = made.checks
    assert (similarity.name, heard.name) == ("speaker_similarity", "speaker_intelligibility")
    assert 0.3 < heard.value <= 1


async def test_recordings_are_taken_in_their_order(scratch: Path) -> None:
    paths = {f"reference.{number}": scratch / str(number) for number in (10, 2, 1)}
    inputs = {**paths, "reference": scratch / "0", "reference.3": scratch / "3"}
    assert [path.name for path in references_among(inputs)] == ["0", "1", "2", "3"]
    with pytest.raises(InvalidArgument, match="lacks its input 'reference'"):
        references_among({})


async def test_a_refused_recording_fails_the_stage(mimic: EnginePool, scratch: Path) -> None:
    samples, rate = soundfile.read(READER)
    soundfile.write(scratch / "short.wav", samples[:rate], rate)
    with pytest.raises(InvalidArgument, match=r"1\.0 s of speech, and 3 s are needed"):
        await run(mimic, CLONING, {"reference": scratch / "short.wav"}, scratch / "clone")


async def test_a_speaker_speaks_in_place_of_the_voice(mimic: EnginePool, scratch: Path) -> None:
    speaker = await cloned(mimic, scratch / "clone")
    assert semitones_of(speaker)
    plain = await speech(mimic, GREETING, {}, scratch / "plain")
    spoken = await speech(mimic, GREETING, {"speaker": speaker}, scratch / "spoken")
    again = await speech(mimic, GREETING, {"speaker": speaker}, scratch / "again")
    assert spoken == again != plain


async def test_a_voice_that_the_script_names_speaks_itself(mimic: EnginePool, scratch: Path) -> None:
    speaker = {"speaker": await cloned(mimic, scratch / "clone")}

    def task(text: str) -> SynthesisTask:
        return SynthesisTask(text=f"<speak>{text}</speak>", ssml=True, voice="en-us")

    named = task('<voice name="de">Guten Tag, meine Freunde.</voice>')
    assert await speech(mimic, named, speaker, scratch / "a") == await speech(mimic, named, {}, scratch / "b")
    reader = task('<voice xml:lang="de">Guten Tag, meine Freunde.</voice>')
    assert await speech(mimic, reader, speaker, scratch / "c") != await speech(
        mimic, reader, {}, scratch / "d"
    )
    russian = SynthesisTask(text="Добрый день, друзья.", voice="en-us")
    assert await speech(mimic, russian, speaker, scratch / "e") != await speech(
        mimic, russian, {}, scratch / "f"
    )


async def test_an_engine_that_cannot_clone_refuses(
    espeak: EnginePool, mimic: EnginePool, reader: Path, scratch: Path
) -> None:
    with pytest.raises(InvalidArgument, match="espeak cannot make a voice of recordings"):
        await run(espeak, CLONING, {"reference": reader}, scratch / "clone")
    speaker = await cloned(mimic, scratch / "mimic")
    with pytest.raises(InvalidArgument, match="espeak cannot speak in a cloned voice"):
        await run(espeak, GREETING, {"speaker": speaker}, scratch / "speech")


async def test_a_speaker_of_another_engine_is_refused(mimic: EnginePool, scratch: Path) -> None:
    foreign = scratch / "foreign"
    foreign.write_bytes(b"\x00PK")
    with pytest.raises(InvalidArgument, match="not made by mimic"):
        await run(mimic, GREETING, {"speaker": foreign}, scratch / "speech")
