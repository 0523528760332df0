"""The gateway's API, as the command line uses it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx2

from services.cli.destination import draft_for
from services.cli.errors import CliError, GatewayRefused, GatewayUnreachable, UsageError
from services.cli.server_sent_events import EventParser

Video = dict[str, Any]
TERMINAL = frozenset({"completed", "failed", "cancelled"})
# The gateway sends a comment at least every 15 s.
SILENCE_SECONDS = 45.0
TIMEOUT = httpx2.Timeout(60.0, connect=5.0)
RECONNECT_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0)
CANCEL_SECONDS = 10.0
RIFF_LENGTH_AT, DATA_LENGTH_AT = 4, 40
"""In the header of the gateway's WAV files."""


@dataclass(frozen=True, slots=True)
class JobEvent:
    id: str
    type: str
    video: Video


@asynccontextmanager
async def connect(url: str, api_key: str, *, local: bool) -> "AsyncIterator[GatewayClient]":
    """`local` leaves the environment's proxies alone: they do not know this machine. Raises UsageError for
    what is no URL, and no key."""
    try:
        client = httpx2.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {api_key}"},
            timeout=TIMEOUT,
            trust_env=not local,
            follow_redirects=True,
        )
    except (httpx2.InvalidURL, UnicodeEncodeError) as exc:
        raise UsageError(f"The gateway's URL or its key cannot be meant: {exc}.") from exc
    async with client as http:
        yield GatewayClient(http)


class GatewayClient:
    """Raises GatewayRefused with the gateway's own message, GatewayUnreachable if there is no answer."""

    def __init__(
        self, http: httpx2.AsyncClient, reconnect_seconds: tuple[float, ...] = RECONNECT_SECONDS
    ) -> None:
        self._http = http
        self._reconnect_seconds = reconnect_seconds

    async def upload(self, path: Path) -> str:
        """The asset's id. Raises CliError if the file cannot be read."""
        try:
            with path.open("rb") as file:
                return (await self._call("POST", "/v1/assets", files={"file": (path.name, file)}))["id"]
        except OSError as exc:
            raise CliError(f"Cannot read {path}: {exc.strerror}.") from exc

    async def create_video(self, request: dict[str, Any]) -> Video:
        return await self._call("POST", "/v1/videos", json=request)

    async def video(self, video_id: str) -> Video:
        return await self._call("GET", f"/v1/videos/{video_id}")

    async def cancel(self, video_id: str) -> Video:
        return await self._call("POST", f"/v1/videos/{video_id}/cancel", timeout=CANCEL_SECONDS)

    async def newest_videos(self) -> list[Video]:
        return (await self._call("GET", "/v1/videos", params={"limit": 100}))["data"]

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
        """Every word, over as many pages as it takes."""
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

    async def follow(self, video_id: str) -> AsyncIterator[JobEvent]:
        """Every event until the video has ended, each once, over as many connections as it takes.

        The last event always carries the ended video.
        """
        parser = EventParser()
        lost = 0
        while True:
            try:
                async for event in self._stream(video_id, parser):
                    lost = 0
                    yield event
                    if event.video["status"] in TERMINAL:
                        return
                video = await self.video(video_id)
                if video["status"] in TERMINAL:
                    yield JobEvent(parser.last_id, f"video.{video['status']}", video)
                    return
            except (httpx2.TransportError, GatewayUnreachable) as exc:
                if lost == len(self._reconnect_seconds):
                    raise GatewayUnreachable(
                        f"Lost the gateway while video {video_id} was being made; it may still be: {exc}"
                    ) from exc
            await asyncio.sleep(self._reconnect_seconds[min(lost, len(self._reconnect_seconds) - 1)])
            lost += 1

    async def _stream(self, video_id: str, parser: EventParser) -> AsyncIterator[JobEvent]:
        parser.reconnect()
        headers = {"Last-Event-ID": parser.last_id} if parser.last_id else {}
        timeout = httpx2.Timeout(SILENCE_SECONDS, connect=5.0)
        path = f"/v1/videos/{video_id}/events"
        async with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
            await raise_if_refused(response)
            async for line in response.aiter_lines():
                event = parser.feed(line)
                if event is not None:
                    yield JobEvent(event.id, event.type, json.loads(event.data)["video"])

    async def download(self, video_id: str, destination: Path) -> None:
        """The file appears whole or not at all. Raises CliError if it cannot be written."""
        content = self._http.stream("GET", f"/v1/videos/{video_id}/content")
        await save(content, destination, f"The gateway still has the video: {video_id}.")

    async def speak(self, request: dict[str, Any], destination: Path) -> None:
        """As `download`, what `POST /v1/audio/speech` answers."""
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
    answer: AbstractAsyncContextManager[httpx2.Response],
    destination: Path,
    consolation: str,
    finish: Callable[[BinaryIO], None] | None = None,
) -> None:
    """`finish` may change what has been written before it becomes the file."""
    try:
        with draft_for(destination) as draft:
            async with answer as response:
                await raise_if_refused(response)
                async for chunk in response.aiter_bytes():
                    draft.write(chunk)
            if finish is not None:
                finish(draft)
    except httpx2.TransportError as exc:
        raise GatewayUnreachable(f"The download broke off: {exc}. {consolation}") from exc
    except OSError as exc:
        raise CliError(f"Cannot write {destination}: {exc.strerror}. {consolation}") from exc


def close_wav(file: BinaryIO) -> None:
    """Write into its header how long it is: a stream cannot know that when it begins."""
    size = file.tell()
    for place in (RIFF_LENGTH_AT, DATA_LENGTH_AT):
        file.seek(place)
        file.write((size - place - 4).to_bytes(4, "little"))


async def raise_if_refused(response: httpx2.Response) -> None:
    if response.is_success:
        return
    await response.aread()
    raise refusal(response.status_code, response.text)


def refusal(status: int, body: str) -> GatewayRefused:
    """From the error envelope; from anything else, for a proxy on the way knows no envelope."""
    try:
        error = json.loads(body)["error"]
        code, message, request_id = error["code"], error["message"], error.get("request_id")
    except (ValueError, KeyError, TypeError):
        return GatewayRefused(f"The gateway answered {status}: {body[:200]}", code="unknown", status=status)
    if status == 401:
        message += " Give the key with --api-key or LIKENESS_API_KEY."
    details = f"{code}, request {request_id}" if request_id else code
    return GatewayRefused(f"{message} ({details})", code=code, status=status)
