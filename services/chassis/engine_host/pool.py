"""Engine hosts and pools: each engine runs in a child process, so that a crash or a cancel costs the child
only.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

import structlog

from services.chassis.aio import cancel_and_wait
from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.frames import Done, Item, Run
from services.chassis.engine_host.process import EngineProcess
from services.chassis.errors import EngineUnavailable, LikenessError

log = structlog.get_logger()

OPEN_SECONDS = 300.0
"""Time limit for loading an engine."""


class EngineHost:
    """Runs one engine, one request at a time. The process is started when it is first needed and kept."""

    def __init__(self, entry: EngineEntry, settings: ChildSettings) -> None:
        self._entry = entry
        self._settings = settings
        self._process: EngineProcess | None = None
        self._spec: EngineSpec | None = None
        self._starting = asyncio.Lock()
        self._runs = 0
        self._busy: EngineProcess | None = None

    @property
    def pid(self) -> int | None:
        """Returns the process id of the engine, `None` if it does not run."""
        return self._process.pid if self._process is not None and self._process.alive else None

    async def spec(self) -> EngineSpec:
        """Returns the engine's spec.

        Raises `EngineUnavailable`, or the error that the engine raised, if it cannot be opened.
        """
        if self._spec is None:
            await self.warm()
        assert self._spec is not None
        return self._spec

    async def warm(self) -> None:
        """Opens the engine, so that the next request need not wait for it."""
        await self._live_process()

    async def run(self, operation: str, request: Any) -> AsyncGenerator[Any]:
        """Yields the engine's items in order, no faster than they are consumed.

        Raises the engine's own `LikenessError`s, `EngineCrashed` if its process dies, and a `LikenessError`
        of reason internal for any other exception. Leaving early, by closing the generator or by
        cancellation, kills the process at once.
        """
        process = self._busy = await self._live_process()
        self._runs += 1
        finished = False
        try:
            await process.send(Run(operation, request))
            while isinstance(frame := await process.receive(), Item):
                yield frame.value
            finished = True
            if not isinstance(frame, Done):
                raise process.error_in(frame)
        finally:
            self._busy = None
            if not finished or process is not self._process:  # it was replaced meanwhile
                process.kill()

    def is_worn(self) -> bool:
        """Returns whether the process has run as many requests as it may; then its successor counts anew."""
        if not self._entry.max_runs or self._runs < self._entry.max_runs:
            return False
        self._runs = 0
        return True

    async def renew(self) -> None:
        """Opens a new process and ends the old one. Requests go on meanwhile."""
        new = await self._open()
        try:
            # A request that finds the process dead opens another, and would put it in the place of this one.
            async with self._starting:
                old, self._process = self._process, new
        except BaseException:
            new.kill()
            raise
        if old is not None and old is not self._busy:
            await old.close()

    async def close(self) -> None:
        """Ends the process of the engine."""
        if self._process is not None:
            await self._process.close()
            self._process = None

    async def _live_process(self) -> EngineProcess:
        """Returns a process with the open engine; starts a new one if the last has died."""
        async with self._starting:
            if self._process is None or not self._process.alive:
                if self._process is not None:
                    await self._process.close()
                    self._process = None
                self._process = await self._open()
            return self._process

    async def _open(self) -> EngineProcess:
        process = await EngineProcess.start(self._entry, self._settings)
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                self._spec = await process.opened()
        except TimeoutError:
            await process.end()
            raise EngineUnavailable(
                f"The engine {self._entry.name} did not open in {OPEN_SECONDS:g} s."
            ) from None
        except LikenessError:
            await process.end()
            raise
        except BaseException:
            process.kill()
            raise
        log.info("engine.opened", engine=self._entry.name, version=self._spec.version, pid=process.pid)
        return process


class EnginePool:
    """A pool of `size` hosts of one engine, each with one request at a time.

    The host used last is used first.
    """

    def __init__(self, entry: EngineEntry, settings: ChildSettings, *, size: int) -> None:
        self._entry = entry
        self.optional = bool(entry.extra)
        """Whether the engine is one of those that not every machine has."""
        self._hosts = [EngineHost(entry, settings) for _ in range(size)]
        self._idle = self._hosts[::-1]  # lent from the end: the host that `spec` opens is the first
        self._free = asyncio.Semaphore(size)
        self._unused = asyncio.Event()
        self._unused.set()
        self._warming: set[asyncio.Task[None]] = set()

    @property
    def name(self) -> str:
        return self._entry.name

    @property
    def pids(self) -> tuple[int, ...]:
        """Returns the process ids of the open engines."""
        return tuple(pid for host in self._hosts if (pid := host.pid) is not None)

    async def spec(self) -> EngineSpec:
        """Returns the engine's spec. Raises as `EngineHost.spec` does."""
        return await self._hosts[0].spec()

    async def warm(self) -> None:
        """Opens every host, one after the other, each when no request runs.

        A host that does not open is skipped. A request that comes before opens its host itself.
        """
        for host in self._hosts:
            await self._unused.wait()
            await self._warm(host)

    async def run(self, operation: str, request: Any) -> AsyncGenerator[Any]:
        """Yields the engine's items as `EngineHost.run` does, after waiting for a free host."""
        async with self.host() as host, aclosing(host.run(operation, request)) as items:
            async for item in items:
                yield item

    async def close(self) -> None:
        """Ends the processes of all hosts."""
        await cancel_and_wait(tuple(self._warming))
        await asyncio.gather(*(host.close() for host in self._hosts))

    @asynccontextmanager
    async def host(self) -> AsyncGenerator[EngineHost]:
        """Lends a free host. Reopens its engine in the background if it was killed or is worn."""
        async with self._free:
            host = self._idle.pop()
            self._unused.clear()
            try:
                yield host
            finally:
                self._idle.append(host)
                if len(self._idle) == len(self._hosts):
                    self._unused.set()
                if host.pid is None:
                    self._do_later(self._warm(host))
                elif host.is_worn():
                    self._do_later(self._warm(host, anew=True))

    def _do_later(self, warming: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(warming)
        self._warming.add(task)
        task.add_done_callback(self._warming.discard)

    async def _warm(self, host: EngineHost, *, anew: bool = False) -> None:
        try:
            await (host.renew() if anew else host.warm())
        except LikenessError as error:  # the next request fails in the same way and reports it
            log.warning("engine.warm_failed", engine=self.name, reason=error.reason, error=error.message)
