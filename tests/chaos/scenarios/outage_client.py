"""A client that goes on asking during an outage, and notes every answer."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import httpx2

from services.chassis.aio import cancel_and_wait
from tests.chaos.jobs import Job
from tests.chaos.scenarios.submission import request_of
from tests.chaos.tenants import png
from tests.chaos.trial import Trial

ASK_SECONDS = 0.7
UPLOAD_SECONDS = 1.5
READINESS_SECONDS = 0.5
RETRY_SECONDS = 1.0
TIMEOUT_SECONDS = 70.0
UPLOAD_SIDE = 700
TERMINAL = ("video.completed", "video.failed", "video.cancelled")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a request. `at` is of the monotonic clock, when it had come."""

    request: str
    at: float
    status: int
    retry_after: str
    body: str

    def problems(self) -> frozenset[str]:
        """Returns the names of the checks that fail, of an answer of `/readyz`."""
        return frozenset(name for name, said in json.loads(self.body)["checks"].items() if said != "ok")


@dataclass(slots=True)
class Stream:
    """The event stream of a job, opened once. `problem` says how it ended too early."""

    job: Job
    task: "asyncio.Task[None]" = field(init=False)
    problem: str = "it did not end"


class OutageClient:
    """Asks the first gateway. `jobs` are those that were accepted."""

    def __init__(self, trial: Trial) -> None:
        self.jobs: list[Job] = []
        self.answers: list[Answer] = []
        self.readiness: list[Answer] = []
        self._trial = trial
        self._http = httpx2.AsyncClient(
            base_url=trial.stack.urls[0],
            headers=trial.api.tenants[0].headers,
            timeout=TIMEOUT_SECONDS,
            trust_env=False,
        )
        self._asking: list[asyncio.Task[None]] = []
        self._submitting: set[asyncio.Task[None]] = set()
        self._tasks: set[asyncio.Task[None]] = {asyncio.create_task(self._watch_readiness())}

    async def __aenter__(self) -> "OutageClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await cancel_and_wait([*self._asking, *self._submitting, *self._tasks])
        await self._http.aclose()

    def start_asking(self, build_job: Callable[[], Job]) -> None:
        """Asks for a job, and uploads a picture, again and again."""
        self._asking = [
            asyncio.create_task(self._ask_forever(build_job)),
            asyncio.create_task(self._upload_forever()),
        ]

    async def stop_asking(self) -> None:
        """Asks for nothing more, and returns when all that was asked for has been accepted."""
        await cancel_and_wait(self._asking)
        while self._submitting:
            await asyncio.wait(self._submitting)

    async def submit(self, job: Job, request: dict[str, Any]) -> None:
        """Asks for the job, as often as it is refused."""
        while True:
            answer = await self._ask("POST", "/v1/videos", json=request, headers={"Idempotency-Key": job.id})
            if answer is not None and answer.status == 200:
                job.job_id = json.loads(answer.body)["id"]
                self.jobs.append(job)
                return
            await asyncio.sleep(RETRY_SECONDS)

    def follow(self, job: Job) -> Stream:
        stream = Stream(job)
        stream.task = asyncio.create_task(self._read(stream))
        self._tasks.add(stream.task)
        return stream

    async def _read(self, stream: Stream) -> None:
        path = f"/v1/videos/{stream.job.job_id}/events"
        last = ""
        try:
            async with self._http.stream("GET", path) as response:
                async for line in response.aiter_lines():
                    if line.startswith("event: "):
                        last = line.removeprefix("event: ")
        except httpx2.HTTPError as error:
            stream.problem = f"{type(error).__name__} {error} after {last}"
        else:
            stream.problem = "" if last in TERMINAL else f"closed after {last}"

    async def _ask_forever(self, build_job: Callable[[], Job]) -> None:
        while True:
            job = build_job()
            submitting = asyncio.create_task(self.submit(job, request_of(self._trial, job)))
            self._submitting.add(submitting)
            submitting.add_done_callback(self._submitting.discard)
            await asyncio.sleep(ASK_SECONDS)

    async def _upload_forever(self) -> None:
        shade = 0
        while True:
            shade = (shade + 1) % 256
            picture = png(UPLOAD_SIDE, UPLOAD_SIDE, shade) + bytes(3 << 20)
            await self._ask("POST", "/v1/assets", files={"file": ("picture.png", picture)})
            await asyncio.sleep(UPLOAD_SECONDS)

    async def _watch_readiness(self) -> None:
        while True:
            if (answer := await self._request("GET", "/readyz")) is not None:
                self.readiness.append(answer)
            await asyncio.sleep(READINESS_SECONDS)

    async def _ask(self, method: str, path: str, **options: Any) -> Answer | None:
        if (answer := await self._request(method, path, **options)) is not None:
            self.answers.append(answer)
        return answer

    async def _request(self, method: str, path: str, **options: Any) -> Answer | None:
        """Returns `None` if no answer came, which is noted as one with the status 599."""
        try:
            response = await self._http.request(method, path, **options)
        except httpx2.TransportError as error:
            self.answers.append(Answer(f"{method} {path}", time.monotonic(), 599, "", type(error).__name__))
            return None
        retry_after = response.headers.get("retry-after", "")
        return Answer(f"{method} {path}", time.monotonic(), response.status_code, retry_after, response.text)
