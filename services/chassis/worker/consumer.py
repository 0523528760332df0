"""Consumer of one engine's queue: starts stages, cancels them, and drains on shutdown."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, nullcontext

import structlog
from opentelemetry.trace import INVALID_SPAN, Span, StatusCode

from likeness.jobs.v1.stages_pb2 import StageRequested
from services.chassis.aio import cancel_and_wait
from services.chassis.bus.codec import unpack
from services.chassis.bus.protocol import Bus, Delivery
from services.chassis.bus.subjects import stage_subject
from services.chassis.errors import BusUnavailable, InvalidArgument
from services.chassis.observability import metrics
from services.chassis.observability.logs import bound_fields
from services.chassis.observability.telemetry import context_from, exports_spans, tracer
from services.chassis.worker.execution import Interruption, StageExecution
from services.chassis.worker.runner import StageRunner
from services.chassis.worker.status_reporter import StatusReporter

log = structlog.get_logger()

RETRY_SECONDS = 1.0
RELEASE_SECONDS = 10.0
"""Time limit for reporting and releasing stages when the drain time is over."""


class StageConsumer:
    """Runs the stages of one engine's queue, at most `concurrency` at the same time."""

    def __init__(
        self,
        engine: str,
        bus: Bus,
        runner: StageRunner,
        reporter: StatusReporter,
        *,
        concurrency: int,
        lease_seconds: float,
        drain_seconds: float,
    ) -> None:
        self.engine = engine
        self._bus = bus
        self._runner = runner
        self._reporter = reporter
        self._concurrency = concurrency
        self._heartbeat_seconds = lease_seconds / 4
        self._drain_seconds = drain_seconds
        self._makes_spans = exports_spans()
        self._span_name = metrics.SPAN_STAGE.format(service=runner.service)
        self._running: dict[asyncio.Task[None], StageExecution] = {}

    @property
    def running(self) -> int:
        """Returns the number of stages that run now."""
        return len(self._running)

    async def serve(self, stop: asyncio.Event) -> None:
        """Runs stages until `stop` is set; then running stages may finish, and the others are released."""
        while not stop.is_set():
            try:
                await self._consume(stop)
            except BusUnavailable as error:
                log.warning("worker.cannot_consume", engine=self.engine, error=error.message)
                await asyncio.sleep(RETRY_SECONDS)

    def cancel_job(self, job_id: str) -> None:
        """Stops the running stages of a job."""
        for execution in self._running.values():
            if execution.request.stage.job_id == job_id:
                execution.interrupt(Interruption.CANCELLED)

    def cancel_stage(self, stage_id: str, attempt: int) -> None:
        """Stops the running executions of this attempt and of earlier ones."""
        for execution in self._running.values():
            stage = execution.request.stage
            if stage.stage_id == stage_id and stage.attempt <= attempt:
                execution.interrupt(Interruption.CANCELLED)

    async def _consume(self, stop: asyncio.Event) -> None:
        subject = stage_subject(self._runner.service, self.engine)
        async with self._bus.consume(subject, prefetch=self._concurrency) as deliveries:
            receiving = asyncio.create_task(self._receive(deliveries))
            stopped = asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({receiving, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                await cancel_and_wait([receiving, stopped])
                await self._drain()
            if not receiving.cancelled():
                receiving.result()

    async def _receive(self, deliveries: AsyncIterator[Delivery]) -> None:
        waiting = metrics.QUEUE_WAIT_SECONDS.labels(self._runner.service, self.engine)
        since = time.monotonic()
        async for delivery in deliveries:
            waiting.observe(time.monotonic() - since)
            await self._accept(delivery)
            since = time.monotonic()

    async def _accept(self, delivery: Delivery) -> None:
        """Starts the execution of a delivery; rejects a message that is no stage request."""
        try:
            request = unpack(delivery.envelope)
            if not isinstance(request, StageRequested):
                raise InvalidArgument(f"{type(request).__name__} is no stage request.")
        except InvalidArgument as error:
            log.error("worker.poison", engine=self.engine, id=delivery.envelope.id, error=error.message)
            await delivery.reject()
            return
        execution = StageExecution(
            request, delivery, self._runner, self._reporter, heartbeat_seconds=self._heartbeat_seconds
        )
        task = asyncio.create_task(self._execute(execution, delivery))
        self._running[task] = execution
        task.add_done_callback(self._running.pop)

    async def _execute(self, execution: StageExecution, delivery: Delivery) -> None:
        stage = execution.request.stage
        fields: dict[str, str | int] = {
            "job_id": stage.job_id,
            "stage_id": stage.stage_id,
            "engine": self.engine,
            "attempt": stage.attempt,
        }
        with bound_fields(fields), self._span(delivery.envelope.headers.get("traceparent")) as span:
            if span.is_recording():
                span.set_attributes({**fields, "delivery": delivery.attempt})
            try:
                await execution.run()
            except Exception as error:
                span.set_status(StatusCode.ERROR)
                log.exception("stage.unreported")
                await self._release_delivery(delivery, error)

    def _span(self, traceparent: str | None) -> AbstractContextManager[Span]:
        """Returns a span for the stage, or no span if nothing exports it: it would cost as much as its log
        line.
        """
        if traceparent is None and not self._makes_spans:
            return nullcontext(INVALID_SPAN)
        return tracer().start_as_current_span(self._span_name, context=context_from(traceparent))

    async def _release_delivery(self, delivery: Delivery, error: Exception) -> None:
        """Releases the delivery of a stage whose end could not be reported."""
        try:
            await delivery.release(RETRY_SECONDS)
        except BusUnavailable:
            log.warning("stage.not_released", cause=type(error).__name__)

    async def _drain(self) -> None:
        """Waits for running stages for `drain_seconds`, then interrupts them, and at last cancels their
        tasks.
        """
        if not self._running:
            return
        log.info("worker.draining", engine=self.engine, running=self.running)
        await asyncio.wait(set(self._running), timeout=self._drain_seconds)
        for execution in self._running.values():
            execution.interrupt(Interruption.DRAINED)
        if self._running:
            _, stuck = await asyncio.wait(set(self._running), timeout=RELEASE_SECONDS)
            for task in stuck:
                task.cancel()
