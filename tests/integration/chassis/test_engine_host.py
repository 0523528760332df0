"""Engines in child processes: items, errors, crashes, cancels and pools."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EngineHost, EnginePool
from services.chassis.errors import (
    EngineUnavailable,
    FaceNotFound,
    LikenessError,
    Reason,
)
from tests.integration.chassis.processes import is_running, is_sleeping, wait_until, wait_until_ended
from tests.integration.chassis.scripted_engine import Command, ScriptedEngine

MODULE = "tests.integration.chassis.scripted_engine"
ENTRY = EngineEntry("scripted", f"{MODULE}:ScriptedEngine")


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[EngineHost]:
    host = EngineHost(ENTRY, ChildSettings(tmp_path))
    yield host
    await host.close()


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[EnginePool]:
    pool = EnginePool(ENTRY, ChildSettings(tmp_path), size=2)
    yield pool
    await pool.close()


async def run(engine: EngineHost | EnginePool, what: str, path: Path = Path()) -> list[Any]:
    async with asyncio.timeout(20), aclosing(engine.run("execute", Command(what, path))) as items:
        return [item async for item in items]


async def test_items_come_in_order(host: EngineHost) -> None:
    assert await run(host, "count") == [Progress(0.0), Progress(0.5), Progress(1.0), "done"]


async def test_the_spec_comes_from_the_engine(host: EngineHost) -> None:
    assert await host.spec() == ScriptedEngine.spec


async def test_the_engine_stays_open_between_requests(host: EngineHost) -> None:
    await run(host, "count")
    pid = host.pid
    await run(host, "count")
    assert host.pid == pid is not None


@pytest.mark.parametrize(
    ("what", "kind", "reason"),
    [
        ("refuse", FaceNotFound, Reason.FACE_NOT_FOUND),
        ("fail", LikenessError, Reason.INTERNAL),
        ("exhaust", LikenessError, Reason.OUT_OF_MEMORY),
        ("allocate", LikenessError, Reason.OUT_OF_MEMORY),
    ],
)
async def test_errors_are_raised_and_the_engine_stays_open(
    host: EngineHost, what: str, kind: type[LikenessError], reason: Reason
) -> None:
    await host.warm()
    pid = host.pid
    with pytest.raises(kind) as caught:
        await run(host, what)
    assert caught.value.reason is reason
    assert (await run(host, "count"))[-1] == "done"
    assert host.pid == pid


async def test_a_defect_is_reported_without_its_traceback(host: EngineHost) -> None:
    with pytest.raises(LikenessError, match="ValueError: a defect") as caught:
        await run(host, "fail")
    assert "Traceback" not in caught.value.message


@pytest.mark.parametrize(
    ("what", "reason", "message"),
    [
        ("crash", Reason.ENGINE_CRASHED, "SIGSEGV"),
        ("be_killed", Reason.OUT_OF_MEMORY, "memory"),
        ("leave", Reason.ENGINE_CRASHED, "exit code 3"),
        ("hold", Reason.OUT_OF_MEMORY, "Send a smaller picture"),
        ("hold_in_an_orphan", Reason.OUT_OF_MEMORY, "Send a smaller picture"),
        ("write_log", Reason.ENGINE_CRASHED, "too much into its log"),
    ],
)
async def test_a_dead_engine_is_reported_and_replaced(
    host: EngineHost, what: str, reason: Reason, message: str
) -> None:
    with pytest.raises(LikenessError, match=message) as caught:
        await run(host, what)
    assert caught.value.reason is reason
    assert (await run(host, "count"))[-1] == "done"


async def test_an_engine_that_died_idle_is_replaced(host: EngineHost) -> None:
    await host.warm()
    assert host.pid is not None
    os.kill(host.pid, signal.SIGKILL)
    await wait_until_ended(host.pid)
    await wait_until(lambda: host.pid is None)  # this process has been message
    assert (await run(host, "count"))[-1] == "done"


async def test_a_worn_engine_is_replaced_between_requests(tmp_path: Path) -> None:
    pool = EnginePool(replace(ENTRY, max_runs=3), ChildSettings(tmp_path), size=1)
    try:
        pids: list[int] = []
        for _ in range(3):
            assert [item async for item in pool.run("execute", Command("count"))][-1] == "done"
            pids += pool.pids
        assert len(set(pids)) == 1
        await wait_until(lambda: pool.pids not in ((), (pids[0],)))
        await wait_until_ended(pids[0])
        assert [item async for item in pool.run("execute", Command("count"))][-1] == "done"
    finally:
        await pool.close()


async def test_an_engine_is_renewed_while_it_runs(host: EngineHost) -> None:
    async with aclosing(host.run("execute", Command("count"))) as items:
        first = await anext(items)
        old = host.pid
        await host.renew()
        assert host.pid != old
        assert [first, *[item async for item in items]][-1] == "done"
    assert old is not None
    await wait_until_ended(old)


async def test_leaving_early_kills_the_engine_and_what_it_started(host: EngineHost, tmp_path: Path) -> None:
    async with aclosing(host.run("execute", Command("wait", tmp_path / "never"))) as items:
        pids = [int(pid) for pid in (await anext(items)).split()]
        assert all(map(is_running, pids))
    await wait_until_ended(*pids, within=1.0)
    assert (await run(host, "count"))[-1] == "done"


@pytest.mark.parametrize("what", ["wait", "spin"])
async def test_cancelling_kills_the_engine(host: EngineHost, tmp_path: Path, what: str) -> None:
    started: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def work() -> None:
        async with aclosing(host.run("execute", Command(what, tmp_path / "never"))) as items:
            started.set_result(await anext(items))
            async for _ in items:
                pass

    task = asyncio.create_task(work())
    pids = map(int, (await started).split())
    task.cancel()
    await asyncio.wait({task})
    assert task.cancelled()
    await wait_until_ended(*pids, within=1.0)


async def test_items_are_made_no_faster_than_they_are_consumed(host: EngineHost, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    async with aclosing(host.run("execute", Command("flood", taken))) as items:
        for _ in range(3):
            await anext(items)
        assert host.pid is not None
        pid = host.pid
        await wait_until(lambda: is_sleeping(pid))
        assert int(taken.read_text()) < 100


async def test_an_engine_gets_no_keys_of_its_worker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("LIKENESS_S3_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "MY_OWN_KEY", "HF_HOME"):
        monkeypatch.setenv(name, "value")
    host = EngineHost(ENTRY, ChildSettings(tmp_path, variables=frozenset({"MY_OWN_KEY"})))
    try:
        [names] = await run(host, "environment")
    finally:
        await host.close()
    assert {"MY_OWN_KEY", "HF_HOME", "HOME", "PATH"} <= set(names.split())
    assert not {"LIKENESS_S3_SECRET_KEY", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN"} & set(names.split())


async def test_an_operator_can_give_an_engine_more_memory(tmp_path: Path) -> None:
    host = EngineHost(ENTRY, ChildSettings(tmp_path, memory_mb=1024))
    try:
        assert await run(host, "allocate") == [str(256 << 20)]
    finally:
        await host.close()


async def test_an_engine_reads_nothing_of_its_worker(host: EngineHost, tmp_path: Path) -> None:
    await host.spec()
    secret = tmp_path.parent / "secret"
    secret.write_text("secret")
    with pytest.raises(LikenessError, match="PermissionError"):
        await run(host, "read", secret)


async def test_an_engine_reads_models_but_not_the_token_beside_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("scratch", "huggingface", "huggingface/hub"):
        (tmp_path / name).mkdir()
    weights, token = tmp_path / "huggingface" / "hub" / "weights", tmp_path / "huggingface" / "token"
    weights.write_text("weights")
    token.write_text("token")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    host = EngineHost(ENTRY, ChildSettings(tmp_path / "scratch"))
    try:
        assert await run(host, "read", weights) == ["weights"]
        with pytest.raises(LikenessError, match="PermissionError"):
            await run(host, "read", token)
    finally:
        await host.close()


async def test_a_missing_package_gives_the_install_command(tmp_path: Path) -> None:
    entry = EngineEntry("xtts", "no_such_package.engine:Engine", extra="fast", package="xtts-engine")
    host = EngineHost(entry, ChildSettings(tmp_path))
    with pytest.raises(EngineUnavailable, match=r"no_such_package.*pip install 'xtts-engine\[fast\]'"):
        await host.spec()


@pytest.mark.parametrize(
    ("engine", "reason", "message"),
    [
        ("UnavailableEngine", Reason.ENGINE_UNAVAILABLE, "likeness models pull"),
        ("BrokenEngine", Reason.INTERNAL, "libgpu.so"),
    ],
)
async def test_an_engine_that_does_not_open_says_why(
    engine: str, reason: Reason, message: str, tmp_path: Path
) -> None:
    host = EngineHost(EngineEntry("odd", f"{MODULE}:{engine}"), ChildSettings(tmp_path))
    with pytest.raises(LikenessError, match=message) as caught:
        await host.spec()
    assert caught.value.reason is reason


async def test_closing_ends_the_process(tmp_path: Path) -> None:
    host = EngineHost(ENTRY, ChildSettings(tmp_path))
    await host.warm()
    assert host.pid is not None
    pid = host.pid
    await host.close()
    assert not is_running(pid)


async def test_a_pool_runs_as_many_requests_as_it_has_hosts(pool: EnginePool, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with (
        aclosing(pool.run("execute", Command("wait", gate))) as one,
        aclosing(pool.run("execute", Command("wait", gate))) as two,
    ):
        assert await anext(one) != await anext(two)
        third = asyncio.create_task(run(pool, "count"))
        gate.touch()
        assert [item async for item in one][-1] == "waited"
        assert (await third)[-1] == "done"
        assert [item async for item in two][-1] == "waited"


async def test_a_warm_pool_has_every_engine_open(pool: EnginePool) -> None:
    await pool.warm()
    assert len(pool.pids) == 2


async def test_a_pool_is_not_warmed_while_a_request_runs(pool: EnginePool, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    async with aclosing(pool.run("execute", Command("wait", gate))) as items:
        await anext(items)
        warming = asyncio.create_task(pool.warm())
        await asyncio.wait({warming}, timeout=1)
        assert len(pool.pids) == 1
        gate.touch()
        assert [item async for item in items][-1] == "waited"
    await warming
    assert len(pool.pids) == 2


async def test_the_engine_opened_for_the_spec_takes_the_first_request(pool: EnginePool) -> None:
    await pool.spec()
    opened = pool.pids
    await run(pool, "count")
    assert len(opened) == 1
    assert pool.pids == opened


async def test_a_pool_uses_the_same_engine_again(pool: EnginePool) -> None:
    await run(pool, "count")
    await run(pool, "count")
    assert len(pool.pids) == 1


async def test_a_killed_engine_of_a_pool_is_reopened_before_the_next_request(
    pool: EnginePool, tmp_path: Path
) -> None:
    async with aclosing(pool.run("execute", Command("wait", tmp_path / "never"))) as items:
        first = await anext(items)
    await wait_until(lambda: len(pool.pids) == 1)
    assert str(pool.pids[0]) not in first.split()


WORKER = f"""
import asyncio, structlog, sys
from pathlib import Path
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.pool import EngineHost
from services.chassis.engine_api.entry import EngineEntry
from {MODULE} import Command

async def main():
    path = Path(sys.argv[2])
    host = EngineHost(EngineEntry("scripted", "{MODULE}:ScriptedEngine"), ChildSettings(path.parent))
    async for item in host.run("execute", Command(sys.argv[1], path)):
        print(item, flush=True)

structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
asyncio.run(main())
"""


@pytest.mark.parametrize("what", ["wait", "spin"])
async def test_the_engine_of_a_killed_worker_ends(tmp_path: Path, what: str) -> None:
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, what, str(tmp_path / "never"), stdout=asyncio.subprocess.PIPE
    )
    assert worker.stdout is not None
    pids = [int(pid) for pid in (await worker.stdout.readline()).split()]
    assert all(map(is_running, pids))
    worker.kill()
    await worker.wait()
    await wait_until_ended(*pids, within=2.0)


async def test_the_worker_imports_nothing_of_the_engine() -> None:
    program = (
        "import sys; import services.chassis.worker.service, services.video.wiring, services.voice.wiring,"
        " services.mux.wiring; heavy = {'cv2', 'mediapipe', 'pyworld', 'av', 'scipy', 'matplotlib'};"
        " print(sorted(heavy & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert (process.returncode, output.strip()) == (0, b"[]")
