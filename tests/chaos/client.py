"""A client of the API that tries one gateway after another until one answers."""

import asyncio
import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from types import MappingProxyType, TracebackType
from typing import Any

import httpx2

from tests.chaos.tenants import Tenant

TIMEOUT_SECONDS = 30.0
RETRY_SECONDS = 0.3
EVENT_TIMEOUT_SECONDS = 40.0
NOT_FOUND = 404
TRANSIENT = (502, 503, 504, 500, 429)
JSON = {"Content-Type": "application/json"}
NOTHING: Mapping[str, str] = MappingProxyType({})


class ApiClient:
    """Repeats every request until a gateway answers it; requests that create something have a key.

    `unanswered` counts errors and statuses that came instead of an answer.
    """

    def __init__(self, urls: Sequence[str], tenants: Sequence[Tenant]) -> None:
        self.tenants = tenants
        self.unanswered: Counter[str] = Counter()
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

    async def submit(self, workspace: int, request: dict[str, Any], key: str) -> dict[str, Any]:
        """Creates a video and returns it."""
        body = json.dumps(request).encode()
        return (
            await self._request_json("POST", "/v1/videos", workspace, body, JSON | {"Idempotency-Key": key})
            or {}
        )

    async def submit_batch(
        self, workspace: int, requests: Mapping[str, dict[str, Any]], key: str
    ) -> dict[str, str]:
        """Creates a batch. Returns the ids of its videos, by the names of their requests."""
        lines = [json.dumps({"custom_id": name, "body": body}) for name, body in requests.items()]
        headers = {"Content-Type": "application/jsonl", "Idempotency-Key": key}
        body = "\n".join(lines).encode()
        batch = await self._request_json("POST", "/v1/batches", workspace, body, headers) or {}
        results = await self._request_until_answered("GET", f"/v1/batches/{batch['id']}/results", workspace)
        lines_out = [json.loads(line) for line in results.text.splitlines()]
        return {each["custom_id"]: each["job_id"] for each in lines_out}

    async def get(self, workspace: int, video_id: str) -> dict[str, Any] | None:
        """Returns `None` if there is no such video."""
        return await self._request_json("GET", f"/v1/videos/{video_id}", workspace)

    async def cancel(self, workspace: int, video_id: str) -> dict[str, Any] | None:
        return await self._request_json("POST", f"/v1/videos/{video_id}/cancel", workspace)

    async def delete(self, workspace: int, video_id: str) -> None:
        await self._request_json("DELETE", f"/v1/videos/{video_id}", workspace)

    async def events(self, workspace: int, video_id: str, after: int) -> AsyncIterator[tuple[int, Any]]:
        """Yields ids and data of the video's events from one gateway, until the video or the connection ends.

        Raises httpx2.HTTPError.
        """
        headers = self.tenants[workspace].headers | ({"Last-Event-ID": str(after)} if after else {})
        url = f"/v1/videos/{video_id}/events"
        stream = next(self._next).stream("GET", url, headers=headers, timeout=EVENT_TIMEOUT_SECONDS)
        async with stream as response:
            response.raise_for_status()
            data: Any = None
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if name == "data":
                    data = json.loads(value)
                elif name == "id":
                    yield int(value), data

    async def _request_json(
        self,
        method: str,
        path: str,
        workspace: int,
        body: bytes | None = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> dict[str, Any] | None:
        response = await self._request_until_answered(method, path, workspace, body, headers)
        return None if response.status_code == NOT_FOUND else response.json()

    async def _request_until_answered(
        self,
        method: str,
        path: str,
        workspace: int,
        body: bytes | None = None,
        headers: Mapping[str, str] = NOTHING,
    ) -> httpx2.Response:
        """Repeats the request until a gateway answers it.

        Raises AssertionError with the API's error if it is refused: the run itself is wrong then.
        """
        headers = self.tenants[workspace].headers | dict(headers)
        while True:
            try:
                response = await next(self._next).request(method, path, headers=headers, content=body)
            except httpx2.TransportError as error:
                self.unanswered[type(error).__name__] += 1
            else:
                if response.status_code not in TRANSIENT:
                    assert response.is_success or response.status_code == NOT_FOUND, response.text[:500]
                    return response
                self.unanswered[f"status {response.status_code}"] += 1
            await asyncio.sleep(RETRY_SECONDS)
