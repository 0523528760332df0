"""Requests that are generated from the description of the API get answers that it describes.

`make contract` sends some thousands; `CASES=100000 make contract` sends as many as you like.
"""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,  # pyright: ignore[reportUnknownVariableType]
    response_headers_conformance,  # pyright: ignore[reportUnknownVariableType]
    response_schema_conformance,  # pyright: ignore[reportUnknownVariableType]
    status_code_conformance,  # pyright: ignore[reportUnknownVariableType]
)
from structlog.testing import capture_logs

from services.gateway.http.declared import CODES
from tests.described_api import openapi
from tests.examples import READER
from tests.integration.gateway.gateway import Gateway, picture

CASES = int(os.environ.get("CASES", "325"))
"""Requests in all; the endpoints share them."""
SEED = 20261130
TIMEOUT_SECONDS = 20
CHECKS: list[Any] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
UNMATCHED = ("not_found", "method_not_allowed")
"""Codes of requests that met no endpoint: what was generated for the path has led elsewhere."""
DOCUMENT = openapi()
OPERATIONS = [(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods]


@dataclass(frozen=True)
class Known:
    """Ids of what is in the workspace, so that generated requests get further than to a 404."""

    url: str
    headers: dict[str, str]
    values: dict[str, list[str]]
    statuses: Counter[int] = field(default_factory=Counter[int])
    """Counts the answers by status."""


@pytest.fixture(scope="module")
async def known(shared_gateway: Gateway) -> AsyncIterator[Known]:
    """Yields what there is; says in the end how many answers were compared."""
    gateway = shared_gateway
    portrait, recording = await gateway.upload(picture()), await gateway.upload(READER.read_bytes(), "a.wav")
    queued = await gateway.create(script="Queued.", image=portrait)
    cancelled = await gateway.create(script="Cancelled.", image=portrait)
    await gateway.http.post(f"/v1/videos/{cancelled['id']}/cancel")
    avatar = await gateway.http.post("/v1/avatars", json={"name": "a", "image": portrait})
    upload = await gateway.http.post("/v1/assets/uploads", json={"filename": "a", "bytes": 1})
    line = f'{{"custom_id": "a", "body": {{"script": "Hi.", "image": "{portrait}"}}}}'
    batch = await gateway.http.post(
        "/v1/batches", content=line, headers={"content-type": "application/jsonl"}
    )
    values = {
        "job_id": [queued["id"], cancelled["id"]],
        "ended_job_id": [cancelled["id"]],
        "asset_id": [portrait],
        "avatar_id": [avatar.json()["id"]],
        "upload_id": [upload.json()["id"]],
        "batch_id": [batch.json()["id"]],
        "voice_id": ["en-us", recording],
        "image": [portrait],
        "audio": [recording],
        "voice": ["en-us"],
        "avatar": [avatar.json()["id"]],
    }
    headers = {"Authorization": gateway.http.headers["authorization"]}
    known = Known(str(gateway.http.base_url).rstrip("/"), headers, values)
    yield known
    print(f"\n{known.statuses.total()} answers compared, by status: {sorted(known.statuses.items())}")  # noqa: T201


def with_known_values(case: Case[Any], values: dict[str, list[str]], choose: st.DataObject) -> None:
    """Puts ids of the workspace in the place of some generated ones."""
    ends = case.path.endswith("/events")  # the stream of a job that waits would not end
    places: list[dict[str, Any]] = [case.path_parameters or {}]
    if isinstance(case.body, dict):
        places.append(cast(dict[str, Any], case.body))
    for place in places:
        for name in place.keys() & values.keys():
            found = values["ended_job_id"] if ends and name == "job_id" else values[name]
            if choose.draw(st.booleans()):
                place[name] = choose.draw(st.sampled_from(found))


def check_code(case: Case[Any], response: Response) -> None:
    """Raises AssertionError for the code of an error that is not declared with its status."""
    responses = DOCUMENT["paths"][case.path][case.method.lower()]["responses"]
    declared = responses.get(str(response.status_code), {})
    if CODES in declared:
        error = response.json()["error"]
        assert error["code"] in (*declared[CODES], *UNMATCHED), response.text
        assert [error["trace_id"]] == response.headers["x-trace-id"]


def send(case: Case[Any], known: Known) -> None:
    response = case.call(
        base_url=known.url, headers=known.headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
    )
    known.statuses[response.status_code] += 1
    cast(Any, case).validate_response(response, checks=CHECKS)
    check_code(case, response)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # of the gateway, in its own thread
@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: str(part))
async def test_the_answers_to_generated_requests_are_as_described(known: Known, method: str, path: str):
    operation: Any = cast(Any, schemathesis.openapi.from_dict(DOCUMENT))[path][method]
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    cases: st.SearchStrategy[Case[Any]]
    cases = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in modes))

    @seed(SEED)
    @settings(
        max_examples=max(1, CASES // len(OPERATIONS)),
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=[HealthCheck(each) for each in HealthCheck],
    )
    @given(case=cases, choose=st.data())
    def run(case: Case[Any], choose: st.DataObject) -> None:
        with_known_values(case, known.values, choose)
        send(case, known)

    with capture_logs():
        await asyncio.to_thread(run)
