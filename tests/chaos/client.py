"""A client of the API that goes from gateway to gateway until one answers."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any

import httpx2

from tests.chaos.tenants import Tenant

TIMEOUT_SECONDS = 30.0
RETRY_SECONDS = 0.3
EVENT_SILENCE_SECONDS = 40.0
GONE = 404
TRANSIENT = (502, 503, 504, 500, 429)


class Unanswered(Exception):
    """Whether the request was done is unknown."""


class ApiClient:
    """All methods but `submit` repeat their request until a gateway answers: they may be repeated."""

    def __init__(self, urls: Sequence[str], tenants: Sequence[Tenant]) -> None:
        self.tenants = tenants
        limits = httpx2.Limits(max_connections=100, max_keepalive_connections=20)
        self._sessions = [
            httpx2.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS, limits=limits, trust_env=False)
            for url in urls
        ]
        self._next = itertools.cycle(self._sessions)

    async def __aenter__(self) -> "ApiClient":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        async with AsyncExitStack() as stack:
            for session in self._sessions:
                stack.push_async_callback(session.aclose)

    async def submit(self, workspace: int, request: dict[str, Any]) -> dict[str, Any]:
        """The video. Raises `Unanswered`, also if the gateway could not do it now."""
        headers = self.tenants[workspace].headers
        try:
            response = await next(self._next).post("/v1/videos", json=request, headers=headers)
        except httpx2.TransportError as error:
            raise Unanswered(type(error).__name__) from error
        if response.status_code in TRANSIENT:
            raise Unanswered(f"status {response.status_code}")
        return answer_of(response)

    async def get(self, workspace: int, video_id: str) -> dict[str, Any] | None:
        """None if there is no such video."""
        return await self._insist("GET", f"/v1/videos/{video_id}", workspace)

    async def cancel(self, workspace: int, video_id: str) -> dict[str, Any] | None:
        return await self._insist("POST", f"/v1/videos/{video_id}/cancel", workspace)

    async def delete(self, workspace: int, video_id: str) -> None:
        await self._insist("DELETE", f"/v1/videos/{video_id}", workspace)

    async def events(self, workspace: int, video_id: str, after: int) -> AsyncIterator[tuple[int, Any]]:
        """Ids and data of the video's events from one gateway, until it has ended or the gateway has.

        Raises httpx2.HTTPError.
        """
        headers = self.tenants[workspace].headers | ({"Last-Event-ID": str(after)} if after else {})
        url = f"/v1/videos/{video_id}/events"
        stream = next(self._next).stream("GET", url, headers=headers, timeout=EVENT_SILENCE_SECONDS)
        async with stream as response:
            response.raise_for_status()
            data: Any = None
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "data":
                    data = json.loads(value)
                elif name == "id":
                    yield int(value), data

    async def _insist(self, method: str, path: str, workspace: int) -> dict[str, Any] | None:
        headers = self.tenants[workspace].headers
        while True:
            try:
                response = await next(self._next).request(method, path, headers=headers)
            except httpx2.TransportError:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if response.status_code == GONE:
                return None
            if response.status_code in TRANSIENT:
                await asyncio.sleep(RETRY_SECONDS)
                continue
            return answer_of(response)


def answer_of(response: httpx2.Response) -> dict[str, Any]:
    """Raises AssertionError with what the API has against the request: the run itself is wrong then."""
    assert response.is_success, f"{response.request.url}: {response.status_code} {response.text[:500]}"
    return response.json()
