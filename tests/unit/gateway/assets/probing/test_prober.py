"""Files are read in processes of their own, which are confined and replaced."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.media import MediaLimits, ProbedMedia
from services.gateway.assets.probing.prober import Prober
from services.gateway.assets.probing.task import Task
from services.gateway.assets.probing.template_process import TemplateLost, TemplateProcess
from tests.hostile.media import pictures, sounds

LIMITS = MediaLimits(20_000_000, 50_000_000, 60.0)
MEBIBYTE = 1 << 20


@pytest.fixture(scope="module")
def prober() -> Iterator[Prober]:
    prober = Prober(LIMITS, concurrency=2)
    yield prober
    prober.close()


@pytest.fixture(scope="module")
def template() -> Iterator[TemplateProcess]:
    template = TemplateProcess()
    yield template
    template.close()


def upload(folder: Path, data: bytes) -> Path:
    path = folder / "upload"
    path.write_bytes(data)
    return path


async def probe(prober: Prober, workspace: str, path: Path) -> tuple[Path, ProbedMedia]:
    async with prober.probed(workspace, path) as found:
        return found


def task_for(path: Path) -> Task:
    return Task(
        folder=str(path.parent),
        name=path.name,
        max_bytes=20_000_000,
        max_pixels=50_000_000,
        max_seconds=60.0,
        memory_bytes=320 * MEBIBYTE,
        cpu_seconds=20,
        file_bytes=MEBIBYTE,
        niceness=0,
    )


async def test_a_picture_is_read(prober: Prober, tmp_path: Path):
    path = upload(tmp_path, pictures.drawn("PNG"))
    assert await probe(prober, "a", path) == (path, ProbedMedia("image", "image/png", 64, 48))


async def test_what_engines_cannot_read_is_converted_beside_it(prober: Prober, tmp_path: Path):
    path, media = await probe(prober, "a", upload(tmp_path, sounds.changing_aac()))
    assert (path, media.media_type) == (tmp_path / "upload.flac", "audio/flac")
    assert path.read_bytes().startswith(b"fLaC")


async def test_a_converted_file_holds_its_slot(tmp_path: Path, prober: Prober):
    """A file may grow by it, and so few are on the disk at once."""
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    async with prober.probed("a", upload(first, sounds.changing_aac())):
        waiting = asyncio.create_task(probe(prober, "a", upload(second, sounds.changing_aac())))
        other = upload(tmp_path, sounds.changing_aac())
        assert (await probe(prober, "b", other))[1].kind == "audio"
        assert not waiting.done()
    await waiting


async def test_a_file_that_stays_as_it_is_holds_no_slot(tmp_path: Path, prober: Prober):
    path = upload(tmp_path, pictures.drawn("PNG"))
    async with prober.probed("a", path):
        await probe(prober, "a", path)


async def test_a_refusal_comes_back(prober: Prober, tmp_path: Path):
    with pytest.raises(AssetRefused) as refused:
        await probe(prober, "a", upload(tmp_path, pictures.drawn("PNG")[:60]))
    assert (refused.value.status, refused.value.code) == (422, "image_corrupt")


async def test_files_of_many_are_read_at_once(prober: Prober, tmp_path: Path):
    async def read(number: int) -> int | None:
        folder = tmp_path / str(number)
        folder.mkdir()
        _, media = await probe(prober, f"w{number % 3}", upload(folder, pictures.drawn("JPEG", 64 + number)))
        return media.width

    assert await asyncio.gather(*map(read, range(12))) == [64 + number for number in range(12)]


async def test_a_file_that_takes_too_much_memory_is_refused(template: TemplateProcess, tmp_path: Path):
    path = upload(tmp_path, pictures.drawn("PNG", 4000, 3000))
    outcome = await template.run(replace(task_for(path), memory_bytes=40 * MEBIBYTE), 60.0)
    assert json.loads(outcome.line)["refusal"]["code"] == "file_too_complex"
    assert (await template.run(task_for(path), 60.0)).line, "the next file has the whole memory"


async def test_a_conversion_that_takes_too_much_room_is_refused(template: TemplateProcess, tmp_path: Path):
    path = upload(tmp_path, sounds.encoded("adts", "aac", 5.0, layout="stereo"))
    outcome = await template.run(replace(task_for(path), file_bytes=10_000), 60.0)
    assert outcome.ended_by == "SIGXFSZ" or "refusal" in json.loads(outcome.line)


async def test_a_file_that_takes_too_long_is_left(template: TemplateProcess, tmp_path: Path):
    path = upload(tmp_path, pictures.drawn("PNG"))
    assert (await template.run(task_for(path), 0.0)).ended_by == "timeout"


async def test_a_process_that_dies_is_told_of(template: TemplateProcess, tmp_path: Path):
    """A folder that is not there ends the process, as a fault in a decoder would."""
    outcome = await template.run(task_for(tmp_path / "nowhere" / "upload"), 60.0)
    assert (outcome.line, outcome.ended_by) == (b"", "exit code 1")


async def test_it_is_read_after_the_process_that_forks_has_died(tmp_path: Path):
    prober = Prober(LIMITS, concurrency=2)
    path = upload(tmp_path, pictures.drawn("PNG"))
    try:
        await probe(prober, "a", path)
        kill_children()
        assert (await probe(prober, "a", path))[1].width == 64
    finally:
        prober.close()


def kill_children() -> None:
    """Kills the processes that fork, of this test's process."""
    for child in children_of(os.getpid()):
        if is_probe(child):
            os.kill(child, signal.SIGKILL)


async def test_tasks_wait_while_the_process_that_forks_takes_none(tmp_path: Path):
    template = TemplateProcess()
    template.start()
    assert template._process is not None  # pyright: ignore[reportPrivateUsage]
    assert template._control is not None  # pyright: ignore[reportPrivateUsage]
    template._control.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1)  # pyright: ignore[reportPrivateUsage]
    pid = template._process.pid  # pyright: ignore[reportPrivateUsage]
    path = upload(tmp_path, pictures.drawn("PNG"))
    try:
        os.kill(pid, signal.SIGSTOP)
        running = [asyncio.create_task(template.run(task_for(path), 60.0)) for _ in range(8)]
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGCONT)
        assert all(outcome.line for outcome in await asyncio.gather(*running))
        assert template._process.pid == pid  # pyright: ignore[reportPrivateUsage]
    finally:
        template.close()


async def test_the_loop_goes_on_until_a_lost_process_has_ended(tmp_path: Path):
    """It ends by itself, because this test can let it go on meanwhile."""
    template = TemplateProcess()
    path = upload(tmp_path, pictures.drawn("PNG"))
    await template.run(task_for(path), 60.0)
    process, control = template._process, template._control  # pyright: ignore[reportPrivateUsage]
    assert process is not None
    assert control is not None
    os.kill(process.pid, signal.SIGSTOP)
    control.close()
    running = asyncio.create_task(template.run(task_for(path), 60.0))
    await asyncio.sleep(0)
    os.kill(process.pid, signal.SIGCONT)
    with pytest.raises(TemplateLost):
        await running
    assert process.returncode == 0


async def test_all_processes_end_with_the_prober(tmp_path: Path):
    prober = Prober(LIMITS, concurrency=2)
    await probe(prober, "a", upload(tmp_path, pictures.drawn("PNG")))
    before = probes(os.getpid())
    prober.close()
    assert len(before) >= 2
    assert not before & probes(os.getpid())
    assert not any(map(is_probe, before))


def probes(process: int) -> set[int]:
    """Returns the ids of the processes below one that fork, or were forked, to read files."""
    below = children_of(process)
    return {each for each in below if is_probe(each)}.union(*map(probes, below))


def children_of(process: int) -> set[int]:
    found: set[int] = set()
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):
            found.update(map(int, task.read_text().split()))
    return found


def is_probe(process: int) -> bool:
    with suppress(OSError):
        return "probing.template" in Path(f"/proc/{process}/cmdline").read_text()
    return False
