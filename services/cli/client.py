"""Client of the gateway's API, with the calls that the command line makes."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2

from services.cli.errors import GatewayUnreachable, UsageError
from services.cli.refusal import NO_OPTIONS, Options
from services.cli.server_sent_events import EventParser
from services.cli.transfer import close_wav, opened, raise_if_refused, write_body

Job = dict[str, Any]
"""A job of any kind as the gateway shows it, such as a video; `object` is its kind."""
TERMINAL = frozenset({"completed", "failed", "cancelled"})
# An event stream is never silent for long: the gateway sends a comment at least every 15 s.
MAX_SILENCE_SECONDS = 45.0
TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
CANCEL_SECONDS = 10.0
NOT_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout)
MAX_PAGE = 100
"""Maximum number of objects on a page of the gateway's lists."""
EFFECT_OPTIONS: Options = {"name": "NAME", "description": "--description", "steps": "STEP"}
WORD_OPTIONS: Options = {"word": "WORD", "ipa": "--ipa", "respelling": "--respelling"}


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An event of a job's stream, with the job as it is now, which may have ended since the event."""

    id: str
    type: str
    job: Job

    @property
    def is_end(self) -> bool:
        """Whether it says that the job has ended."""
        kind, _, status = self.type.rpartition(".")
        return kind == self.job["object"] and status in TERMINAL


@asynccontextmanager
async def connect(url: str, api_key: str, *, local: bool) -> "AsyncGenerator[GatewayClient]":
    """Opens a client of the gateway at `url` for as long as the block runs.

    `local` ignores the environment's proxies, which cannot reach this machine. Raises UsageError for an
    invalid URL or key.
    """
    try:
        client = httpx2.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=TIMEOUT,
            trust_env=not local,
            follow_redirects=True,
        )
    except (httpx2.InvalidURL, UnicodeEncodeError) as exc:
        raise UsageError(f"The gateway's URL or its key is not valid: {exc}.") from exc
    async with client as http:
        yield GatewayClient(http)


class GatewayClient:
    """Calls the API of one gateway.

    Every method raises GatewayRefused with the gateway's own message, or GatewayUnreachable if there is no
    response.
    """

    def __init__(
        self, http: httpx2.AsyncClient, reconnect_seconds: tuple[float, ...] = RECONNECT_SECONDS
    ) -> None:
        self._http = http
        self.reconnect_seconds = reconnect_seconds

    async def upload(self, path: Path) -> str:
        """Uploads a file and returns the asset's id. Raises UsageError if the file cannot be read."""
        try:
            file = path.open("rb")
        except (OSError, ValueError) as exc:
            # A path with a NUL is a ValueError.
            reason = exc.strerror if isinstance(exc, OSError) else exc
            raise UsageError(f"Cannot read {path}: {reason}.") from exc
        with file:
            sent = {"file": (path.name, file)}
            return (await self.call("POST", "/v1/assets", {"": str(path)}, files=sent))["id"]

    async def create_video(self, request: dict[str, Any], options: Options = NO_OPTIONS) -> Job:
        """Creates a video. `options` are the command line's own, by the fields of the request."""
        return await self.call("POST", "/v1/videos", options, json=request)

    async def estimate_video(self, request: dict[str, Any], options: Options = NO_OPTIONS) -> dict[str, Any]:
        """Returns what the video would run if it were created now."""
        return await self.call("POST", "/v1/videos/estimate", options, json=request)

    async def job(self, job_id: str) -> Job:
        return await self.call("GET", f"/v1/jobs/{quoted(job_id)}")

    async def cancel(self, job_id: str) -> Job:
        return await self.call("POST", f"/v1/jobs/{quoted(job_id)}/cancel", timeout=CANCEL_SECONDS)

    async def delete(self, job_id: str) -> None:
        await self.call("DELETE", f"/v1/jobs/{quoted(job_id)}")

    async def retry(self, stage_id: str) -> Job:
        """Runs the job of a stage that was given up again, and returns the new job."""
        return await self.call("POST", f"/v1/dead-letters/{quoted(stage_id)}/redrive")

    async def newest_jobs(self) -> list[Job]:
        """Returns the newest 100 jobs of all kinds, the newest first."""
        return (await self.call("GET", "/v1/jobs", params={"limit": 100}))["data"]

    async def page_through(self, path: str, filters: Mapping[str, str], limit: int) -> list[dict[str, Any]]:
        """Returns up to `limit` objects of a list, the newest first, read over as many pages as it takes."""
        found: list[dict[str, Any]] = []
        while True:
            wanted = {"limit": str(min(limit - len(found), MAX_PAGE)), **filters}
            after = {"after": found[-1]["id"]} if found else {}
            page = await self.call("GET", path, params={**wanted, **after})
            found += page["data"]
            if len(found) >= limit or not page["has_more"]:
                return found

    async def engines(self) -> list[dict[str, Any]]:
        return (await self.call("GET", "/v1/engines"))["data"]

    async def voices(self, language: str | None) -> list[dict[str, Any]]:
        parameters = {"language": language} if language else {}
        return (await self.call("GET", "/v1/voices", params=parameters))["data"]

    async def voice_preview(self, voice: str) -> bytes:
        """Returns a sentence in the voice, as MP3."""
        return (await self._response("GET", f"/v1/voices/{quoted(voice)}/preview")).content

    async def effects(self) -> list[dict[str, Any]]:
        return (await self.call("GET", "/v1/effects"))["data"]

    async def add_effect(self, effect: dict[str, Any]) -> dict[str, Any]:
        return await self.call("POST", "/v1/effects", EFFECT_OPTIONS, json=effect)

    async def remove_effect(self, name: str) -> None:
        await self.call("DELETE", f"/v1/effects/{quoted(name)}")

    async def lexicon(self) -> list[dict[str, Any]]:
        """Returns every word, read over as many pages as there are."""
        words: list[dict[str, Any]] = []
        page: dict[str, Any] = {"has_more": True}
        while page["has_more"]:
            after = {"after": words[-1]["word"]} if words else {}
            page = await self.call("GET", "/v1/lexicon", params={"limit": 1000, **after})
            words += page["data"]
        return words

    async def add_word(self, word: str, reading: dict[str, str]) -> dict[str, Any]:
        return await self.call("PUT", f"/v1/lexicon/{quoted(word)}", WORD_OPTIONS, json=reading)

    async def remove_word(self, word: str) -> None:
        await self.call("DELETE", f"/v1/lexicon/{quoted(word)}")

    async def follow(self, job: Job) -> AsyncIterator[JobEvent]:
        """Yields every event until the job has ended, each once. A lost connection is opened again.

        The last event always carries the ended job. Raises GatewayUnreachable if the gateway stays away.
        """
        parser = EventParser()
        lost = 0
        while True:
            try:
                async for event in self._stream(job, parser):
                    lost = 0
                    yield event
                    if event.is_end:
                        return
                latest = await self.job(job["id"])
                if latest["status"] in TERMINAL:
                    yield JobEvent(parser.last_id, f"{job['object']}.{latest['status']}", latest)
                    return
            except (httpx2.TransportError, GatewayUnreachable) as exc:
                if lost == len(self.reconnect_seconds):
                    raise GatewayUnreachable(
                        f"Lost the gateway while {job['object']} {job['id']} was being made; "
                        f"it may still be: {exc}"
                    ) from exc
            await asyncio.sleep(self.reconnect_seconds[min(lost, len(self.reconnect_seconds) - 1)])
            lost += 1

    async def _stream(self, job: Job, parser: EventParser) -> AsyncIterator[JobEvent]:
        parser.reconnect()
        headers = {"Last-Event-ID": parser.last_id} if parser.last_id else {}
        timeout = httpx2.Timeout(MAX_SILENCE_SECONDS, connect=5.0)
        path = f"/v1/jobs/{job['id']}/events"
        async with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
            await raise_if_refused(response)
            async for line in response.aiter_lines():
                event = parser.feed(line)
                if event is not None:
                    # The job stands under the name of its kind.
                    yield JobEvent(event.id, event.type, json.loads(event.data)[job["object"]])

    def content(self, job: Job, variant: str | None = None) -> AbstractAsyncContextManager[httpx2.Response]:
        """Opens the job's file, or another variant of it."""
        parameters = {"variant": variant} if variant else {}
        content = self._http.stream("GET", f"/v1/jobs/{job['id']}/content", params=parameters)
        return opened(content, advice_about(job), {"variant": "--variant"})

    async def download(self, job: Job, destination: Path) -> None:
        """Downloads the job's file, whole or not at all. Raises CliError if it cannot be written."""
        async with self.content(job) as response:
            await write_body(response, destination, advice_about(job))

    async def speak(self, request: dict[str, Any], destination: Path, options: Options = NO_OPTIONS) -> None:
        """Downloads the response of `POST /v1/audio/speech`, whole or not at all, as `download` does."""
        speech = self._http.stream("POST", "/v1/audio/speech", json=request)
        finish = close_wav if request.get("response_format") == "wav" else None
        async with opened(speech, "Try again.", options) as response:
            await write_body(response, destination, "Try again.", finish)

    async def save(self, path: str, destination: Path) -> None:
        """Downloads the text at a path of the API."""
        async with opened(self._http.stream("GET", path), "Try again.") as response:
            await write_body(response, destination, "Try again.")

    async def call(self, method: str, path: str, options: Options = NO_OPTIONS, **arguments: Any) -> Any:
        """Returns the JSON of a response. Errors name `options` in the place of the request's fields."""
        return (await self._response(method, path, options, **arguments)).json()

    async def _response(
        self, method: str, path: str, options: Options = NO_OPTIONS, **arguments: Any
    ) -> httpx2.Response:
        try:
            response = await self._http.request(method, path, **arguments)
        except httpx2.TransportError as exc:
            raise GatewayUnreachable(
                f"No answer from {self._http.base_url}: {exc or type(exc).__name__}. Is it running there?",
                sent=not isinstance(exc, NOT_CONNECTED),
            ) from exc
        await raise_if_refused(response, options)
        return response


def advice_about(job: Job) -> str:
    """Returns what to do about a file that did not arrive."""
    return f"The gateway still has the {job['object']}: `likeness download {job['id']}`."


def quoted(name: str) -> str:
    """Returns the name as a part of a path."""
    return quote(name, safe="")
