"""Client of the gateway's API, with the calls that the command line makes."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx2

from services.cli.destination import draft_for
from services.cli.errors import CliError, GatewayRefused, GatewayUnreachable, UsageError
from services.cli.server_sent_events import EventParser

Job = dict[str, Any]
"""A job of any kind as the gateway shows it, such as a video; `object` is its kind."""
TERMINAL = frozenset({"completed", "failed", "cancelled"})
# An event stream is never silent for long: the gateway sends a comment at least every 15 s.
MAX_SILENCE_SECONDS = 45.0
TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
CANCEL_SECONDS = 10.0
RIFF_LENGTH_OFFSET, DATA_LENGTH_OFFSET = 4, 40
"""Byte offsets of the two length fields in the header of the gateway's WAV files."""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """An event of a job's stream, with the job as it was at that event."""

    id: str
    type: str
    job: Job


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
        self._reconnect_seconds = reconnect_seconds

    async def upload(self, path: Path) -> str:
        """Uploads a file and returns the asset's id. Raises CliError if the file cannot be read."""
        try:
            with path.open("rb") as file:
                return (await self._call("POST", "/v1/assets", files={"file": (path.name, file)}))["id"]
        except OSError as exc:
            raise CliError(f"Cannot read {path}: {exc.strerror}.") from exc

    async def create_video(self, request: dict[str, Any]) -> Job:
        return await self._call("POST", "/v1/videos", json=request)

    async def job(self, job_id: str) -> Job:
        return await self._call("GET", f"/v1/jobs/{job_id}")

    async def cancel(self, job_id: str) -> Job:
        return await self._call("POST", f"/v1/jobs/{job_id}/cancel", timeout=CANCEL_SECONDS)

    async def newest_jobs(self) -> list[Job]:
        """Returns the newest 100 jobs of all kinds, the newest first."""
        return (await self._call("GET", "/v1/jobs", params={"limit": 100}))["data"]

    async def engines(self) -> list[dict[str, Any]]:
        return (await self._call("GET", "/v1/engines"))["data"]

    async def voices(self, language: str | None) -> list[dict[str, Any]]:
        parameters = {"language": language} if language else {}
        return (await self._call("GET", "/v1/voices", params=parameters))["data"]

    async def effects(self) -> list[dict[str, Any]]:
        return (await self._call("GET", "/v1/effects"))["data"]

    async def add_effect(self, effect: dict[str, Any]) -> dict[str, Any]:
        return await self._call("POST", "/v1/effects", json=effect)

    async def remove_effect(self, name: str) -> None:
        await self._call("DELETE", f"/v1/effects/{quote(name, safe='')}")

    async def lexicon(self) -> list[dict[str, Any]]:
        """Returns every word, read over as many pages as there are."""
        words: list[dict[str, Any]] = []
        page: dict[str, Any] = {"has_more": True}
        while page["has_more"]:
            after = {"after": words[-1]["word"]} if words else {}
            page = await self._call("GET", "/v1/lexicon", params={"limit": 1000, **after})
            words += page["data"]
        return words

    async def add_word(self, word: str, reading: dict[str, str]) -> dict[str, Any]:
        return await self._call("PUT", f"/v1/lexicon/{quote(word, safe='')}", json=reading)

    async def remove_word(self, word: str) -> None:
        await self._call("DELETE", f"/v1/lexicon/{quote(word, safe='')}")

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
                    if event.job["status"] in TERMINAL:
                        return
                latest = await self.job(job["id"])
                if latest["status"] in TERMINAL:
                    yield JobEvent(parser.last_id, f"{job['object']}.{latest['status']}", latest)
                    return
            except (httpx2.TransportError, GatewayUnreachable) as exc:
                if lost == len(self._reconnect_seconds):
                    raise GatewayUnreachable(
                        f"Lost the gateway while {job['object']} {job['id']} was being made; "
                        f"it may still be: {exc}"
                    ) from exc
            await asyncio.sleep(self._reconnect_seconds[min(lost, len(self._reconnect_seconds) - 1)])
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

    async def download(self, job: Job, destination: Path) -> None:
        """Downloads the job's file, whole or not at all. Raises CliError if it cannot be written."""
        content = self._http.stream("GET", f"/v1/jobs/{job['id']}/content")
        await save(content, destination, f"The gateway still has the {job['object']}: {job['id']}.")

    async def speak(self, request: dict[str, Any], destination: Path) -> None:
        """Downloads the response of `POST /v1/audio/speech`, whole or not at all, as `download` does."""
        speech = self._http.stream("POST", "/v1/audio/speech", json=request)
        finish = close_wav if request.get("response_format") == "wav" else None
        await save(speech, destination, "Try again.", finish)

    async def _call(self, method: str, path: str, **arguments: Any) -> Any:
        try:
            response = await self._http.request(method, path, **arguments)
        except httpx2.TransportError as exc:
            raise GatewayUnreachable(
                f"No answer from {self._http.base_url}: {exc or type(exc).__name__}. Is it running there?"
            ) from exc
        await raise_if_refused(response)
        return response.json()


async def save(
    download: AbstractAsyncContextManager[httpx2.Response],
    destination: Path,
    advice: str,
    finish: Callable[[BinaryIO], None] | None = None,
) -> None:
    """Writes the body of a response to a file that appears whole or not at all.

    `finish` may change the written bytes before they become the file. `advice` ends the message of an error.
    """
    try:
        with draft_for(destination) as draft:
            async with download as response:
                await raise_if_refused(response)
                async for chunk in response.aiter_bytes():
                    draft.write(chunk)
            if finish is not None:
                finish(draft)
    except httpx2.TransportError as exc:
        raise GatewayUnreachable(f"The download broke off: {exc}. {advice}") from exc
    except OSError as exc:
        raise CliError(f"Cannot write {destination}: {exc.strerror}. {advice}") from exc


def close_wav(file: BinaryIO) -> None:
    """Writes the lengths into the header of a WAV file. A stream does not know them when it begins."""
    size = file.tell()
    for offset in (RIFF_LENGTH_OFFSET, DATA_LENGTH_OFFSET):
        file.seek(offset)
        file.write((size - offset - 4).to_bytes(4, "little"))


async def raise_if_refused(response: httpx2.Response) -> None:
    """Raises GatewayRefused unless the status is one of success."""
    if response.is_success:
        return
    await response.aread()
    raise refusal(response.status_code, response.text)


def refusal(status: int, body: str) -> GatewayRefused:
    """Builds the error of a response from its envelope, or from any other body.

    A proxy between the command and the gateway does not use the envelope.
    """
    try:
        error = json.loads(body)["error"]
        code, message, request_id = error["code"], error["message"], error.get("request_id")
    except (ValueError, KeyError, TypeError):
        return GatewayRefused(f"The gateway answered {status}: {body[:200]}", code="unknown", status=status)
    if status == 401:
        message += " Give the key with --api-key or LIKENESS_API_KEY."
    details = f"{code}, request {request_id}" if request_id else code
    return GatewayRefused(f"{message} ({details})", code=code, status=status)
