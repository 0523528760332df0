"""Probes uploaded files, each in a confined process of its own, fairly between workspaces."""

import time
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from services.chassis.errors import LikenessError
from services.chassis.observability.metrics import PROBE_SECONDS, PROBE_WAIT_SECONDS, PROBES
from services.gateway.assets.errors import too_complex
from services.gateway.assets.media import MediaLimits, ProbedMedia
from services.gateway.assets.probing.answer import Answer, read_answer
from services.gateway.assets.probing.fair_slots import AllCrowded, FairSlots, SlotLimits, WorkspaceCrowded
from services.gateway.assets.probing.task import CONVERTED_SUFFIX, Task
from services.gateway.assets.probing.template_process import Outcome, TemplateLost, TemplateProcess
from services.gateway.http.errors import ApiError

MEBIBYTE = 1 << 20
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
MAX_WAITING_PER_WORKSPACE = 32
MAX_WAITING = 512
WAIT_SECONDS = 60.0
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Lane:
    """A kind of files, which wait for each other only, and the limits of the process that reads one."""

    name: str
    memory_bytes: int
    cpu_seconds: float
    cpu_seconds_per_mebibyte: float
    seconds: float
    """Seconds that a process may take in all."""
    file_bytes: int
    niceness: int

    def cpu_seconds_of(self, size: int) -> int:
        return round(self.cpu_seconds + size / MEBIBYTE * self.cpu_seconds_per_mebibyte)


IMAGES = Lane("image", 512 * MEBIBYTE, 10, 0, 30.0, 0, 0)
RECORDINGS = Lane("recording", 320 * MEBIBYTE, 60, 0.4, 240.0, 1024 * MEBIBYTE, 5)
"""An hour of Opus in frames of 10 ms, of some 14 MiB, is decoded twice and converted in 26 to 33 CPU seconds;
the time grows with the file, as larger ones have more to read."""


class Prober:
    """Reads uploaded files: `probed` is what the gateway knows of decoders."""

    def __init__(self, limits: MediaLimits, *, concurrency: int) -> None:
        self._limits = limits
        self._template = TemplateProcess()
        slots = SlotLimits(
            size=concurrency,
            per_workspace=max(1, concurrency - 1),
            waiting_per_workspace=MAX_WAITING_PER_WORKSPACE,
            waiting=MAX_WAITING,
            wait_seconds=WAIT_SECONDS,
        )
        self._slots = {lane.name: FairSlots(slots) for lane in (IMAGES, RECORDINGS)}

    def start(self) -> None:
        """Starts the process from which the others are forked, so that no upload waits for it."""
        self._template.start()

    def close(self) -> None:
        self._template.close()

    @asynccontextmanager
    async def probed(
        self, workspace: str, path: Path, *, sound_only: bool = False
    ) -> AsyncGenerator[tuple[Path, ProbedMedia]]:
        """Yields a file that engines read, the same or a converted one beside it, and its properties. Of a
        video it is a recording with `sound_only`.

        The file must be alone in its folder, and a converted one is no longer needed after the block: its
        slot is held until then, so that only as many are on the disk as there are slots. Raises
        `AssetRefused`, and `ApiError` if too many files wait.
        """
        lane = IMAGES if is_picture(path) else RECORDINGS
        async with AsyncExitStack() as slot:
            await slot.enter_async_context(self._slot(lane, workspace))
            answer = await self._answer(lane, path, sound_only=sound_only)
            if answer.refusal is not None:
                raise answer.refusal
            assert answer.media is not None
            if answer.converted:
                yield path.with_suffix(CONVERTED_SUFFIX), answer.media
            else:
                await slot.aclose()
                yield path, answer.media

    @asynccontextmanager
    async def _slot(self, lane: Lane, workspace: str) -> AsyncGenerator[None]:
        began = time.monotonic()
        with _crowds_refused():  # which only the slot raises, before it is held
            async with self._slots[lane.name].slot(workspace):
                PROBE_WAIT_SECONDS.labels(lane.name).observe(time.monotonic() - began)
                yield

    async def _answer(self, lane: Lane, path: Path, *, sound_only: bool) -> Answer:
        began = time.monotonic()
        outcome = await self._outcome(lane, self._task(lane, path, sound_only=sound_only))
        PROBE_SECONDS.labels(lane.name).observe(time.monotonic() - began)
        if outcome.ended_by:
            log.warning("probe.died", lane=lane.name, ended_by=outcome.ended_by)
            PROBES.labels(lane.name, "died").inc()
            return Answer(None, converted=False, refusal=too_complex())
        answer = read_answer(outcome.line)
        if answer.fault:
            log.warning("probe.unknown_error", lane=lane.name, error=answer.fault)
        PROBES.labels(lane.name, "accepted" if answer.refusal is None else "refused").inc()
        return answer

    async def _outcome(self, lane: Lane, task: Task) -> Outcome:
        try:
            return await self._template.run(task, lane.seconds)
        except TemplateLost:
            log.warning("probes.lost")
        try:
            return await self._template.run(task, lane.seconds)
        except TemplateLost:
            raise _busy() from None

    def _task(self, lane: Lane, path: Path, *, sound_only: bool) -> Task:
        return Task(
            folder=str(path.parent),
            name=path.name,
            max_bytes=self._limits.max_bytes,
            max_pixels=self._limits.max_pixels,
            max_seconds=self._limits.max_seconds,
            memory_bytes=lane.memory_bytes,
            cpu_seconds=lane.cpu_seconds_of(path.stat().st_size),
            file_bytes=lane.file_bytes,
            niceness=lane.niceness,
            sound_only=sound_only,
        )


def is_picture(path: Path) -> bool:
    """Returns whether the file begins like a picture. It waits for pictures only, whatever it is then."""
    with path.open("rb") as file:
        head = file.read(12)
    return head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:] == b"WEBP")


@contextmanager
def _crowds_refused() -> Generator[None]:
    try:
        yield
    except WorkspaceCrowded:
        message = "Too many files of this workspace wait to be read. Wait for earlier uploads to be answered."
        raise ApiError(429, "too_many_uploads", message, retry_later=True) from None
    except AllCrowded:
        raise _busy() from None


def _busy() -> LikenessError:
    message = "Too many files wait to be read now. Send the file again in a few seconds."
    return ApiError(503, "uploads_busy", message, retry_later=True)
