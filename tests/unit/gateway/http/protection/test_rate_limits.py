"""How many requests a client may send, in a minute and at once."""

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, Request
from starlette.middleware import Middleware

from services.gateway.http.errors import ApiError
from services.gateway.http.exception_handlers import install_exception_handlers
from services.gateway.http.protection import rate_limits
from services.gateway.http.protection.rate_limits import Allowance, RateLimits, RequestLimits

GOOD = "good"
LIMITS = RequestLimits(per_minute=6, per_minute_of_address=3, at_once=2, streams=1)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Api:
    """An API whose only key is `GOOD`, and whose slow requests wait until `go_on` is set."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.revoked = False
        self.open = False
        """Whether requests without a key are answered."""
        self.go_on = asyncio.Event()
        self.begun = asyncio.Semaphore(0)
        self.app = FastAPI(middleware=[Middleware(RateLimits, limits=LIMITS, clock=self.clock)])
        install_exception_handlers(self.app)
        for path in ("/v1/fast", "/v1/slow", "/v1/slow/events", "/healthz"):
            self.app.add_api_route(path, self.answer)

    async def answer(self, request: Request) -> None:
        sent = request.headers.get("authorization")
        is_open = request.url.path == "/healthz" or (self.open and sent is None)
        if not is_open and (self.revoked or sent != f"Bearer {GOOD}"):
            raise ApiError(401, "invalid_api_key", "Unknown.")
        request.state.workspace = "workspace"
        if "slow" in request.url.path:
            self.begun.release()
            await self.go_on.wait()

    async def ask(self, path: str = "/v1/fast", key: str | None = GOOD, host: str = "10.0.0.1") -> Any:
        transport = httpx2.ASGITransport(self.app, client=(host, 1))
        headers = {"authorization": f"Bearer {key}"} if key else {}
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway") as http:
            return await http.get(path, headers=headers)

    async def statuses(self, count: int, **request: Any) -> list[int]:
        return [(await self.ask(**request)).status_code for _ in range(count)]


def left(response: httpx2.Response) -> tuple[int, int, int]:
    names = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset")
    limit, remaining, reset = (int(response.headers[name]) for name in names)
    return limit, remaining, reset


async def test_every_answer_says_what_is_left():
    api = Api()
    assert left(await api.ask(key=None)) == (3, 2, 20)
    assert left(await api.ask()) == (3, 2, 20)  # a key that is not known yet
    assert left(await api.ask()) == (6, 5, 10)
    assert left(await api.ask("/v1/nothing")) == (6, 4, 20)


async def test_a_key_that_has_used_up_its_minute_waits_as_long_as_it_is_told():
    api = Api()
    assert await api.statuses(7) == [200] * 7  # the first one counts for the address
    refused = await api.ask()
    error = refused.json()["error"]
    assert (refused.status_code, error["code"], error["retryable"]) == (429, "rate_limit_exceeded", True)
    assert refused.headers["retry-after"] == str(error["retry_after"]) == "10"
    assert left(refused) == (6, 0, 60)
    api.clock.now += 9.9
    assert await api.statuses(1) == [429]
    api.clock.now += 0.2
    assert await api.statuses(2) == [200, 429]


async def test_made_up_keys_count_for_their_address_and_cost_nobody_else_anything():
    api = Api()
    assert await api.statuses(1) == [200]
    assert [(await api.ask(key=f"made-up-{n}")).status_code for n in range(4)] == [401, 401, 429, 429]
    assert await api.statuses(1) == [200]
    assert await api.statuses(1, key="made-up", host="10.0.0.2") == [401]


async def test_a_flood_without_keys_keeps_out_no_key_that_is_new():
    api = Api()
    assert await api.statuses(10, key=None) == [401] * 3 + [429] * 7
    assert await api.statuses(7) == [200] * 7


async def test_a_flood_without_keys_at_once_keeps_out_no_key_that_is_new():
    api = Api()
    api.open = True
    under_way = [asyncio.create_task(api.ask("/v1/slow", key=None)) for _ in range(2)]
    for _ in under_way:
        await api.begun.acquire()
    assert await api.statuses(1, key=None) == [429]
    assert await api.statuses(1) == [200]
    api.go_on.set()
    await asyncio.gather(*under_way)


async def test_a_flood_of_made_up_keys_is_bounded():
    api = Api()
    keys = [f"made-up-{number}" for number in range(10)]
    assert [(await api.ask(key=key)).status_code for key in keys] == [401] * 3 + [429] * 7
    assert await api.statuses(1, key=None) == [401]


async def test_addresses_of_one_ipv6_network_count_together():
    api = Api()
    hosts = [f"2001:db8::{n}" for n in range(1, 5)]
    assert [(await api.ask(key=None, host=host)).status_code for host in hosts] == [401, 401, 401, 429]


async def test_probes_are_not_counted():
    api = Api()
    assert await api.statuses(50, path="/healthz", key=None) == [200] * 50


async def test_requests_at_once_are_bounded_and_streams_apart():
    api = Api()
    await api.ask()
    under_way = [asyncio.create_task(api.ask(path)) for path in ("/v1/slow", "/v1/slow", "/v1/slow/events")]
    for _ in under_way:
        await api.begun.acquire()
    for path in ("/v1/fast", "/v1/slow/events"):
        refused = await api.ask(path)
        assert (refused.status_code, refused.json()["error"]["code"]) == (429, "concurrency_limit_reached")
        assert refused.headers["retry-after"] == "1"
    api.go_on.set()
    assert [(await each).status_code for each in under_way] == [200] * 3
    assert await api.statuses(2) == [200, 200]


async def test_a_key_that_was_revoked_counts_for_its_address_again():
    api = Api()
    await api.ask()
    assert left(await api.ask())[0] == 6
    api.revoked = True
    assert left(await api.ask())[0] == 6
    assert left(await api.ask())[0] == 3


@pytest.mark.parametrize(
    ("taken", "after", "remaining", "reset", "wait"),
    [(0, 0, 60, 0, 1), (1, 0, 59, 1, 1), (60, 0, 0, 60, 1), (60, 30, 30, 30, 1), (60, 600, 60, 0, 1)],
)
def test_a_minute_fills_the_allowance(taken: int, after: float, remaining: int, reset: int, wait: int):
    allowance = Allowance(61, 0)
    for _ in range(taken):
        assert allowance.take(0)
    assert allowance.take(after)
    assert (allowance.remaining, allowance.wait_seconds) == (remaining, wait)
    assert allowance.reset_seconds == pytest.approx(reset, abs=1)


async def test_only_so_many_clients_are_remembered(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rate_limits, "MAX_CLIENTS", 2)
    api = Api()
    await api.statuses(3, key=None, host="a")
    assert await api.statuses(1, key=None, host="a") == [429]
    await api.statuses(1, key=None, host="b")
    await api.statuses(1, key=None, host="c")
    assert await api.statuses(1, key=None, host="a") == [401]
