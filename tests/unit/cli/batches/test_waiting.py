from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from services.cli.batches.waiting import counts_text, raise_unless_completed, wait_for_batch
from services.cli.client import GatewayClient
from services.cli.errors import GatewayUnreachable, JobFailed


def batch(status: str, progress: int, **counts: int) -> dict[str, Any]:
    return {
        "id": "batch_1",
        "status": status,
        "progress": progress,
        "request_counts": {"total": 3, "completed": 0, "failed": 0, "cancelled": 0, **counts},
    }


async def test_a_batch_is_waited_for_and_each_change_is_told() -> None:
    begun, half = batch("in_progress", 0), batch("in_progress", 50, completed=1)
    answers = [begun, half, half, batch("completed", 100, completed=3)]

    def answer(request: httpx2.Request) -> httpx2.Response:
        assert request.url.path == "/v1/batches/batch_1"
        return httpx2.Response(200, json=answers.pop(0))

    transport = httpx2.MockTransport(answer)
    client = GatewayClient(httpx2.AsyncClient(transport=transport, base_url="http://gateway"))
    told: list[int] = []

    def tell(latest: Mapping[str, Any]) -> None:
        told.append(latest["progress"])

    ended = await wait_for_batch(client, begun, tell, poll_seconds=0.0)
    assert ended["status"] == "completed"
    assert told == [0, 50, 100]
    assert answers == []


def ignore(_: Mapping[str, Any]) -> None:
    pass


async def test_a_lost_connection_is_opened_again_and_each_time_as_often() -> None:
    completed = batch("completed", 100, completed=3)
    answers = [None, None, batch("in_progress", 50), None, None, completed]

    def answer(_: httpx2.Request) -> httpx2.Response:
        latest = answers.pop(0)
        if latest is None:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(200, json=latest)

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(answer), base_url="http://gateway")
    client = GatewayClient(http, reconnect_seconds=(0.0, 0.0))

    assert await wait_for_batch(client, batch("in_progress", 0), ignore, poll_seconds=0.0) == completed
    assert answers == []


async def test_a_gateway_that_stays_away_ends_the_waiting() -> None:
    requests: list[str] = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        requests.append(request.url.path)
        raise httpx2.ConnectError("refused")

    http = httpx2.AsyncClient(transport=httpx2.MockTransport(refuse), base_url="http://gateway")
    client = GatewayClient(http, reconnect_seconds=(0.0, 0.0))

    with pytest.raises(GatewayUnreachable, match=r"it may still be\. `likeness watch batch_1` follows"):
        await wait_for_batch(client, batch("in_progress", 0), ignore, poll_seconds=0.0)
    assert len(requests) == 3


def test_the_counts_name_what_went_wrong() -> None:
    assert counts_text(batch("in_progress", 40, completed=1)) == "40%: 1 of 3 completed"
    assert counts_text(batch("failed", 100, failed=2, cancelled=1)) == (
        "100%: 0 of 3 completed, 2 failed, 1 cancelled"
    )


@pytest.mark.parametrize("counts", [{"failed": 1, "completed": 2}, {"cancelled": 3}])
def test_a_batch_of_which_a_part_is_not_completed_has_failed(counts: dict[str, int]) -> None:
    with pytest.raises(JobFailed, match="`likeness batches show batch_1` says what failed"):
        raise_unless_completed(batch("completed", 100, **counts))


def test_a_batch_of_which_all_is_completed_has_not_failed() -> None:
    raise_unless_completed(batch("completed", 100, completed=3))
