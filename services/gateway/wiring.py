"""Builds the gateway. Only this module names concrete classes."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from types import FrameType
from urllib.parse import urlsplit

import stamina
import structlog
import uvicorn
from fastapi import FastAPI
from grpc import aio

from services.chassis.aio import cancel_and_wait
from services.chassis.bus.connect import connect_bus
from services.chassis.bus.protocol import Bus, Envelope
from services.chassis.errors import Reason, StoreUnavailable
from services.chassis.grpc.security import open_channel
from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.server import build_config, raise_file_limit
from services.chassis.observability.health import EmbeddedServer, build_health_server
from services.chassis.service_list import worker_services
from services.chassis.storage import ObjectStore
from services.gateway.accounts import repository as accounts
from services.gateway.app import build_app
from services.gateway.assets.admission import UploadAdmission
from services.gateway.assets.media import MediaLimits
from services.gateway.assets.probing.prober import Prober
from services.gateway.avatars.inspector import PortraitInspector
from services.gateway.components import Components
from services.gateway.db.listen import Notifications
from services.gateway.db.pool import START_SECONDS, TRANSIENT_ERRORS, Pool, connect_database
from services.gateway.db.request_pool import connect_requests
from services.gateway.engines import repository as engines
from services.gateway.engines.announcements import Announcements
from services.gateway.engines.catalogue import Catalogue
from services.gateway.garbage.collector import GarbageCollector
from services.gateway.http.health import checks_of
from services.gateway.http.protection.exposure import exposure_by
from services.gateway.http.protection.rate_limits import request_limits_by
from services.gateway.http.protection.server_refusals import render_refusal
from services.gateway.jobs.components import JobComponents
from services.gateway.jobs.domain.retry import BACKOFFS, RetryPolicy
from services.gateway.jobs.estimator import JobEstimator
from services.gateway.jobs.forecast.forecaster import Forecaster
from services.gateway.jobs.kinds import AnyKind, Kinds
from services.gateway.jobs.messaging.outbox import OutboxRelay
from services.gateway.jobs.messaging.outgoing import task_type
from services.gateway.jobs.messaging.undeliverable import command_failure
from services.gateway.jobs.presenter import JobPresenter
from services.gateway.jobs.reconciler import Reconciler
from services.gateway.jobs.status_consumer import StatusConsumer
from services.gateway.jobs.store.repository import EVENTS_CHANNEL
from services.gateway.jobs.store.result_cache import ResultCheck
from services.gateway.jobs.store.writer import JobWriter, Limits
from services.gateway.kinds import load_kinds
from services.gateway.settings import GatewaySettings
from services.gateway.speech.admission import MAX_TRANSCRIPTIONS, SpeechSlots
from services.gateway.speech.client import SpeechClient
from services.gateway.speech.conversion_client import ConversionClient
from services.gateway.voices.preview_cache import PreviewCache

LEASE_SLACK = 1.5
"""Factor by which a stage's lease is longer than the bus's, so that the bus's own redelivery comes first."""
LISTENING_POLL_SECONDS = 0.05
BACKGROUND_CONNECTIONS = 5
"""Connections of the writer and the background tasks, which requests cannot occupy."""
BOOTSTRAP_WORKSPACE = "default"
log = structlog.get_logger()


def utc_now() -> datetime:
    return datetime.now(UTC)


def build_gateway(settings: GatewaySettings, broken: Callable[[], None]) -> FastAPI:
    """Builds the application. `broken` is called when a background task has ended with an error."""
    for service in worker_services():
        task_type(service)  # a broken entry in the list of services is told at start
    kinds = load_kinds()
    return build_app(
        lambda: warm(settings, kinds, broken),
        kinds,
        settings.allowed_origins,
        exposure_by(settings),
        request_limits_by(settings),
    )


@asynccontextmanager
async def warm(
    settings: GatewaySettings, kinds: Sequence[AnyKind], broken: Callable[[], None]
) -> AsyncGenerator[Components]:
    """Yields running components that no first request has to wait for."""
    async with running(settings, kinds, broken) as components:
        components.prober.start()
        yield components


@asynccontextmanager
async def running(
    settings: GatewaySettings, kinds: Sequence[AnyKind], broken: Callable[[], None]
) -> AsyncGenerator[Components]:
    """Yields the components, connected and with the background tasks running; closes them in the end."""
    async with AsyncExitStack() as stack:
        url = settings.database_url.get_secret_value()
        pool = await stack.enter_async_context(
            await connect_database(url, connections=BACKGROUND_CONNECTIONS)
        )
        requests = await stack.enter_async_context(
            await connect_requests(url, connections=settings.database_connections)
        )
        bus = await connect_bus(settings, name="gateway")
        stack.push_async_callback(bus.close)
        store = ObjectStore.from_settings(settings)
        await store.open()
        await until_listening(settings.s3_endpoint)
        await retry_until_available(store.ensure_bucket)
        registered = Kinds(kinds)
        check = ResultCheck(store)
        writer, outbox = build_writer(pool, bus, check, settings, registered)
        forecaster = Forecaster(requests, settings, utc_now)
        catalogue = Catalogue()
        await retry_until_available(lambda: prepare_database(pool, settings, catalogue))
        components = Components(
            settings=settings,
            pool=requests,
            bus=bus,
            store=store,
            jobs=JobComponents(
                settings=settings,
                pool=requests,
                store=store,
                writer=writer,
                kinds=registered,
                presenter=JobPresenter(requests, registered, forecaster, settings, utc_now),
                estimator=JobEstimator(requests, check, forecaster, utc_now),
                notifications=Notifications(url, (EVENTS_CHANNEL,)),
            ),
            prober=open_prober(stack, settings),
            admission=UploadAdmission(
                per_workspace=settings.max_uploads_in_flight, disk_bytes=settings.upload_disk_bytes
            ),
            catalogue=catalogue,
            speech_slots=SpeechSlots(settings.max_speeches, settings.max_speeches_per_workspace),
            transcription_slots=SpeechSlots(settings.max_speeches, MAX_TRANSCRIPTIONS, "transcriptions"),
            speech=SpeechClient(await enter_channel(stack, settings, settings.tts_grpc_target)),
            conversion=ConversionClient(await enter_channel(stack, settings, settings.voice_grpc_target)),
            previews=PreviewCache(),
            portraits=PortraitInspector(await enter_channel(stack, settings, settings.video_grpc_target)),
            clock=utc_now,
        )
        await stack.enter_async_context(background(components, pool, bus, outbox, broken))
        yield components


def build_writer(
    pool: Pool, bus: Bus, check: ResultCheck, settings: GatewaySettings, kinds: Kinds
) -> tuple[JobWriter, OutboxRelay]:
    """Returns the writer, and the relay that publishes its messages: a command that the bus refuses for good
    fails its stage."""

    async def refuse(envelope: Envelope, reason: str) -> None:
        if (event := command_failure(envelope, reason)) is not None:
            await writer.apply([event])

    outbox = OutboxRelay(pool, bus, refuse)
    limits = Limits(
        worker_timeout=settings.worker_timeout_seconds, garbage_delay=settings.garbage_delay_seconds
    )
    writer = JobWriter(pool, retry_policy(settings), utc_now, check, outbox, limits, kinds.finish_of)
    return writer, outbox


def retry_policy(settings: GatewaySettings) -> RetryPolicy:
    return RetryPolicy(
        lease_seconds=settings.lease_seconds * LEASE_SLACK,
        queue_seconds=settings.queue_seconds,
        grace_seconds=settings.overrun_grace_seconds,
        backoffs={
            reason: backoff.adjusted(settings.retry_limits.get(Reason(reason)), settings.retry_pace)
            for reason, backoff in BACKOFFS.items()
        },
    )


async def retry_until_available(work: Callable[[], Awaitable[None]]) -> None:
    """Retries `work` for up to a minute while a server is unavailable, then raises the last error."""
    async for attempt in stamina.retry_context(
        on=(StoreUnavailable, *TRANSIENT_ERRORS), attempts=None, timeout=START_SECONDS, wait_max=2.0
    ):
        with attempt:
            await work()


async def until_listening(url: str) -> None:
    """Waits up to a minute until a server accepts connections at the address of this URL.

    The store's own client would wait longer and longer between its attempts, with a random part.
    """
    address = urlsplit(url)
    port = address.port or (443 if address.scheme == "https" else 80)
    deadline = asyncio.get_running_loop().time() + START_SECONDS
    while asyncio.get_running_loop().time() < deadline:
        try:
            async with asyncio.timeout_at(deadline):
                _, writer = await asyncio.open_connection(address.hostname, port)
        except (OSError, TimeoutError):  # its client will say what is wrong
            await asyncio.sleep(LISTENING_POLL_SECONDS)
        else:
            writer.close()
            return


async def prepare_database(pool: Pool, settings: GatewaySettings, catalogue: Catalogue) -> None:
    """Stores the bootstrap key, and fills the catalogue with the engines that were announced before."""
    async with pool.acquire() as connection:
        if settings.bootstrap_api_key is not None:
            key = settings.bootstrap_api_key.get_secret_value()
            await accounts.ensure_key(connection, BOOTSTRAP_WORKSPACE, "bootstrap", key)
        catalogue.learn(await engines.all_engines(connection))


def open_prober(stack: AsyncExitStack, settings: GatewaySettings) -> Prober:
    limits = MediaLimits(settings.max_upload_bytes, settings.max_image_pixels, settings.max_media_seconds)
    prober = Prober(limits, concurrency=settings.probe_concurrency)
    stack.callback(prober.close)
    return prober


async def enter_channel(stack: AsyncExitStack, settings: GatewaySettings, target: str) -> aio.Channel:
    return await stack.enter_async_context(open_channel(target, settings))


@asynccontextmanager
async def background(
    components: Components, pool: Pool, bus: Bus, outbox: OutboxRelay, broken: Callable[[], None]
) -> AsyncGenerator[None]:
    """Runs the background tasks of the gateway.

    If one of them fails, the process ends: a gateway that only looks alive would leave jobs stuck.
    """
    settings, writer = components.settings, components.jobs.writer
    announcements = Announcements(
        bus, pool, components.catalogue, components.clock, settings.worker_timeout_seconds
    )
    reconciler = Reconciler(
        pool,
        writer,
        components.clock,
        interval_seconds=settings.reconcile_interval_seconds,
        worker_timeout_seconds=settings.worker_timeout_seconds,
        overrun_grace_seconds=settings.overrun_grace_seconds,
    )
    garbage = GarbageCollector(
        pool,
        components.store,
        components.clock,
        interval_seconds=settings.reconcile_interval_seconds,
        upload_seconds=settings.upload_keep_seconds,
        url_seconds=settings.content_url_seconds,
    )
    metrics = metrics_server(components)
    work: dict[str, Awaitable[None]] = {
        "notifications": components.jobs.notifications.run(),
        "outbox": outbox.run(),
        "status": StatusConsumer(bus, writer).run(),
        "announcements": announcements.listen(),
        "silent workers": announcements.delete_silent_workers(),
        "reconciler": reconciler.run(),
        "garbage": garbage.run(),
    }
    if metrics is not None:
        work["metrics"] = metrics.serve()
    tasks = [asyncio.ensure_future(run) for run in work.values()]
    for name, task in zip(work, tasks, strict=True):
        task.add_done_callback(lambda done, name=name: report_if_broken(name, done, broken))
    try:
        yield
    finally:
        await cancel_and_wait(tasks)
        if metrics is not None:
            metrics.close()


def metrics_server(components: Components) -> EmbeddedServer | None:
    """Returns the server of the metrics; `None` if they have no port of their own."""
    settings = components.settings
    if not settings.metrics_port:
        return None
    return build_health_server(settings.host, settings.metrics_port, checks_of(components))


def report_if_broken(name: str, task: "asyncio.Future[None]", broken: Callable[[], None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.critical("gateway.background_task_broke", part=name, exc_info=error)
        broken()


async def serve(settings: GatewaySettings) -> bool:
    """Serves until SIGINT or SIGTERM. Returns False if it ended because a background task failed.

    uvicorn raises the signal once more when it has shut down; with the default handlers that would end
    the process as if it had been killed.
    """
    broken = asyncio.Event()

    def end() -> None:
        broken.set()
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, already_handled)
    server = uvicorn.Server(build_server_config(build_gateway(settings, end), settings))
    await server.serve()
    return not broken.is_set()


def build_server_config(app: FastAPI, settings: GatewaySettings) -> uvicorn.Config:
    return build_config(
        app,
        settings.host,
        settings.http_port,
        limits_within_files(settings),
        render_refusal,
        timeout_graceful_shutdown=5,
    )


def limits_within_files(settings: GatewaySettings) -> ConnectionLimits:
    """Returns the limits that the settings give, or smaller ones if this process may open fewer files: one
    address gets its share of those too."""
    limits = settings.connection_limits
    connections = raise_file_limit(limits.connections)
    if connections == limits.connections:
        return limits
    per_address = min(limits.connections_per_address, settings.share_of_address(connections))
    return replace(limits, connections=connections, connections_per_address=per_address)


def already_handled(_number: int, _frame: FrameType | None) -> None:
    return None
