"""Execution of one delivery of a stage, from its start to its report."""

import asyncio
import time
from contextlib import aclosing, suppress
from enum import Enum

import structlog
from google.protobuf.timestamp_pb2 import Timestamp
from opentelemetry import trace
from opentelemetry.trace import StatusCode

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageReleased,
    StageRequested,
    StageStarted,
)
from services.chassis.aio import Interrupted, Interruptible, cancel_and_wait
from services.chassis.bus.protocol import Delivery
from services.chassis.contracts.jobs import (
    artifact_from_proto,
    artifact_to_proto,
    check_to_proto,
    error_to_proto,
)
from services.chassis.errors import BusUnavailable, InvalidArgument, LikenessError, TimedOut
from services.chassis.observability import metrics
from services.chassis.worker.runner import StageOutcome, StageRunner, Storing
from services.chassis.worker.status_reporter import StatusReporter

log = structlog.get_logger()

START_REPORT_SECONDS = 0.1
"""A stage that ends sooner than this reports its end only, not its start."""
PROGRESS_INTERVAL_SECONDS = 0.25
"""Minimum interval between two progress reports."""


class Interruption(Enum):
    """Why an execution was interrupted."""

    CANCELLED = "cancelled"
    DRAINED = "drained"


Ending = StageOutcome | LikenessError | Interruption


class StageExecution:
    """Runs a stage, keeps its delivery leased meanwhile, and reports how it ended."""

    def __init__(
        self,
        request: StageRequested,
        delivery: Delivery,
        runner: StageRunner,
        reporter: StatusReporter,
        *,
        heartbeat_seconds: float,
    ) -> None:
        self.request = request
        self._delivery = delivery
        self._runner = runner
        self._reporter = reporter
        self._heartbeat_seconds = heartbeat_seconds
        self._meters = metrics.stage_meters(runner.service, request.engine)
        self._work = Interruptible()
        self._interruption: Interruption | TimedOut | None = None
        self._progress = 0.0
        self._progressed = asyncio.Event()
        self._started_at = time.time_ns()
        self._heartbeats: asyncio.Task[None] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._ended = False
        self._storing = False

    def interrupt(self, why: Interruption | TimedOut) -> None:
        """Ends the stage at once. A stage that has already ended stays as it ended.

        So does one that is storing its outputs, unless the worker drains: the gateway gets to know them, and
        collects those that it no longer needs. Objects of which nothing is reported would stay for ever.
        """
        if self._interruption is None and (not self._storing or why is Interruption.DRAINED):
            self._interruption = why
            self._work.interrupt()

    async def run(self) -> None:
        """Runs the stage and reports it; the delivery is ended in any case."""
        started = time.monotonic()
        self._meters.started.inc()
        start_timer = asyncio.get_running_loop().call_later(START_REPORT_SECONDS, self._start_timers)
        try:
            ending = await self._run_work()
            self._ended = True
            await self._report(ending)
        finally:
            start_timer.cancel()
            await self._stop_timers()
            self._meters.seconds.observe(time.monotonic() - started)

    def _start_timers(self) -> None:
        """Starts heartbeats and the deadline; short stages end before and do without them."""
        self._heartbeats = asyncio.create_task(self._report_running())
        if timeout := self.request.timeout_seconds:
            error = TimedOut(f"The stage did not finish within {timeout:g} s.")
            loop = asyncio.get_running_loop()
            self._deadline = loop.call_later(timeout - START_REPORT_SECONDS, self.interrupt, error)

    async def _stop_timers(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self._heartbeats is not None:
            await cancel_and_wait([self._heartbeats])

    async def _run_work(self) -> Ending:
        """Runs the stage and returns how it ended."""
        if self._interruption is not None:
            return self._interruption
        self._meters.running.inc()
        try:
            return await self._work.run(self._produce())
        except Interrupted:
            assert self._interruption is not None
            return self._interruption
        except LikenessError as error:
            return error
        except Exception as error:
            log.error("stage.broken", exc_info=error)
            return LikenessError(f"The stage failed unexpectedly: {type(error).__name__}.")
        finally:
            self._meters.running.dec()

    async def _produce(self) -> StageOutcome:
        """Runs the stage's handler and returns its outcome; notes its progress."""
        task = self._runner.task_type()
        if not self.request.task.Unpack(task):
            raise InvalidArgument(
                f"The {self._runner.service} service cannot read a task {self.request.task.type_url!r}."
            )
        inputs = {name: artifact_from_proto(each) for name, each in self.request.inputs.items()}
        items = self._runner.run(self.request.stage.workspace_id, self.request.engine, task, inputs)
        outcome: StageOutcome | None = None
        async with aclosing(items):
            async for item in items:  # to the end: leaving early kills the engine
                if isinstance(item, StageOutcome):
                    outcome = item
                elif isinstance(item, Storing):
                    self._storing = True
                else:
                    self._progress = max(self._progress, min(item.fraction, 1.0))
                    self._progressed.set()
        if outcome is None:
            raise LikenessError("The stage ended without a result.")
        return outcome

    async def _report(self, ending: Ending) -> None:
        """Reports the ending to the gateway, then ends the delivery."""
        match ending:
            case StageOutcome():
                self._meters.completed.inc()
                await self._reporter.publish_durably(self._completed(ending))
                log.info("stage.completed", media_seconds=ending.media_seconds)
            case LikenessError():
                metrics.STAGES_FAILED.labels(self._runner.service, self.request.engine, ending.reason).inc()
                trace.get_current_span().set_status(StatusCode.ERROR, ending.reason)
                await self._reporter.publish_durably(self._failed(ending))
                log.warning("stage.failed", reason=ending.reason, error=ending.loggable)
            case Interruption.CANCELLED:
                log.info("stage.cancelled")
            case Interruption.DRAINED:
                released = StageReleased(stage=self.request.stage, worker_id=self._reporter.worker_id)
                await self._reporter.publish_durably(released)
                log.info("stage.released")
        await self._end_delivery(ending)

    async def _end_delivery(self, ending: Ending) -> None:
        try:
            if ending is Interruption.DRAINED:
                await self._delivery.release()
            else:
                await self._delivery.ack()
        except BusUnavailable as error:  # it is delivered again; running a stage twice is harmless
            log.warning("stage.not_acknowledged", error=error.message)

    async def _report_running(self) -> None:
        """Reports the start, then sends heartbeats until this task is cancelled.

        After the end of the stage its start is no longer reported, but the delivery is kept.
        """
        if not self._ended:
            log.info("stage.started", delivery=self._delivery.attempt)
            await self._report_start()
        await self._send_heartbeats()

    async def _report_start(self) -> None:
        started = StageStarted(
            stage=self.request.stage,
            worker_id=self._reporter.worker_id,
            started_at=_timestamp(self._started_at),
        )
        try:
            await self._reporter.publish(started)
        except BusUnavailable as error:  # the heartbeats report the same
            log.warning("status.not_taken", kind="StageStarted", error=error.message)

    async def _send_heartbeats(self) -> None:
        """Sends a heartbeat at every interval and whenever there is progress."""
        while True:
            with suppress(TimeoutError):  # no progress: the heartbeat only says that the stage runs
                async with asyncio.timeout(self._heartbeat_seconds):
                    await self._progressed.wait()
            self._progressed.clear()
            await self._send_heartbeat()
            await asyncio.sleep(PROGRESS_INTERVAL_SECONDS)

    async def _send_heartbeat(self) -> None:
        """Renews the lease on the delivery and reports the progress."""
        try:
            await self._delivery.extend()
            await self._reporter.publish(
                StageProgressed(
                    stage=self.request.stage,
                    worker_id=self._reporter.worker_id,
                    progress=self._progress,
                )
            )
        except BusUnavailable as error:
            log.warning("stage.heartbeat_lost", error=error.message)

    def _completed(self, outcome: StageOutcome) -> StageCompleted:
        return StageCompleted(
            stage=self.request.stage,
            worker_id=self._reporter.worker_id,
            outputs={name: artifact_to_proto(each) for name, each in outcome.outputs.items()},
            media_seconds=outcome.media_seconds,
            completed_at=_timestamp(time.time_ns()),
            started_at=_timestamp(self._started_at),
            checks=[check_to_proto(check) for check in outcome.checks],
        )

    def _failed(self, error: LikenessError) -> StageFailed:
        return StageFailed(
            stage=self.request.stage,
            worker_id=self._reporter.worker_id,
            error=error_to_proto(error),
            started_at=_timestamp(self._started_at),
        )


def _timestamp(nanoseconds: int) -> Timestamp:
    seconds, nanos = divmod(nanoseconds, 1_000_000_000)
    return Timestamp(seconds=seconds, nanos=nanos)
