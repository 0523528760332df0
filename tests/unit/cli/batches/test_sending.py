import asyncio
import contextlib
import json
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.cli.batches.sending import BatchRefused, send_batch
from services.cli.client import GatewayClient
from services.cli.errors import GatewayRefused, GatewayUnreachable


class FakeGateway:
    """Takes assets, and answers to batches as the test says. Keeps what it was sent."""

    def __init__(
        self,
        error: dict[str, Any] | None = None,
        status: int = 422,
        upload_refusal: httpx2.Response | None = None,
    ) -> None:
        self._error = error
        self._status = status
        self._upload_refusal = upload_refusal
        self.uploads = 0
        self.lines: list[dict[str, Any]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        content = request.read()
        if request.url.path == "/v1/assets":
            if self._upload_refusal is not None:
                return self._upload_refusal
            if b"no picture" in content:
                refused = {"code": "unsupported_media_type", "message": "It is none."}
                return httpx2.Response(415, json={"error": refused})
            self.uploads += 1
            return httpx2.Response(201, json={"id": f"asset_{self.uploads}"})
        self.lines = [json.loads(line) for line in content.splitlines() if line]
        if self._error is not None:
            return httpx2.Response(self._status, json={"error": self._error})
        return httpx2.Response(200, json={"id": "batch_1"})


def client(gateway: FakeGateway) -> GatewayClient:
    return GatewayClient(
        httpx2.AsyncClient(transport=httpx2.MockTransport(gateway), base_url="http://gateway")
    )


def lines(*bodies: dict[str, Any]) -> bytes:
    numbered = [{"custom_id": str(number), "body": body} for number, body in enumerate(bodies)]
    return b"\n".join(json.dumps(line).encode() for line in numbered)


def ignore(_: str) -> None:
    pass


async def test_each_file_is_uploaded_once(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    (tmp_path / "b.wav").write_bytes(b"b")
    gateway, notes = FakeGateway(), list[str]()
    data = lines({"image": "a.jpg"}, {"image": "a.jpg", "audio": "b.wav"}, {"image": "asset_9"})

    batch = await send_batch(client(gateway), data, tmp_path, notes.append)

    assert batch == {"id": "batch_1"}
    assert [line["body"] for line in gateway.lines] == [
        {"image": "asset_1"},
        {"image": "asset_1", "audio": "asset_2"},
        {"image": "asset_9"},
    ]
    assert notes == ["uploading 2 files"]


async def test_wrong_files_are_told_with_all_that_the_gateway_refuses(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_bytes(b"no picture")
    unknown = {"code": "asset_not_found", "message": "There is no asset. Upload it with POST /v1/assets."}
    wrong = [
        {**unknown, "line": 1, "custom_id": "0", "param": "body.image"},
        {"line": 2, "custom_id": "1", "param": "body.voice", "code": "x", "message": "No voice."},
        {**unknown, "line": 3, "custom_id": "2", "param": "body.image"},
        {**unknown, "line": 4, "custom_id": "3", "param": "body.image"},
    ]
    gateway = FakeGateway({"code": "batch_invalid", "message": "4 are wrong", "details": wrong})
    data = lines({"image": "gone.jpg"}, {"voice": "x"}, {"image": "b.txt"}, {"image": "asset_8"})

    with pytest.raises(BatchRefused, match="4 lines are wrong; nothing was made") as refused:
        await send_batch(client(gateway), data, tmp_path, ignore)

    assert [(each.line, each.custom_id, each.field) for each in refused.value.problems] == [
        (1, "0", "body.image"),
        (2, "1", "body.voice"),
        (3, "2", "body.image"),
        (4, "3", "body.image"),
    ]
    gone, voice, text, asset = (each.message for each in refused.value.problems)
    assert gone == f"Cannot read {tmp_path}/gone.jpg: No such file or directory."
    assert voice == "No voice."
    assert "b.txt: It is none." in text
    assert asset == "There is no asset. Give the path of a file, or the id of an asset."
    assert refused.value.exit_status == 2


async def test_an_error_of_a_line_says_what_to_do_in_the_line(tmp_path: Path) -> None:
    missing = {"code": "image_missing", "message": "A portrait is needed. Upload one with POST /v1/assets."}
    unknown = {"code": "invalid_request", "message": "body.lips: There is no such field; /docs lists them."}
    wrong = [
        {**missing, "line": 1, "custom_id": "0", "param": "body.image"},
        {**unknown, "line": 1, "custom_id": "0", "param": "body.lips"},
    ]
    error = {"code": "batch_invalid", "message": "Wrong.", "details": wrong}

    with pytest.raises(BatchRefused) as refused:
        await send_batch(client(FakeGateway(error)), lines({}), tmp_path, ignore)
    assert [each.message for each in refused.value.problems] == [
        "A portrait is needed. Give a file or an asset as image, or the id of an avatar as avatar.",
        "There is no such field.",
    ]


async def test_a_full_list_of_errors_may_be_a_part_of_them(tmp_path: Path) -> None:
    wrong = [
        {"line": number, "custom_id": None, "param": "custom_id", "code": "x", "message": "No."}
        for number in range(1, 51)
    ]
    error = {"code": "batch_invalid", "message": "Many are wrong.", "details": wrong}

    with pytest.raises(BatchRefused, match="50 lines are wrong; nothing was made") as refused:
        await send_batch(client(FakeGateway(error)), lines({}), tmp_path, ignore)
    assert "There may be more" in refused.value.message


async def test_a_refusal_that_is_about_no_line_stays_as_it_is(tmp_path: Path) -> None:
    error = {"code": "batch_empty", "message": "The batch has no lines."}
    with pytest.raises(GatewayRefused, match="no lines"):
        await send_batch(client(FakeGateway(error)), b"", tmp_path, ignore)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "invalid_api_key"), (429, "rate_limited"), (503, "storage_unavailable")],
)
async def test_a_refusal_of_an_upload_that_is_not_about_the_file_ends_the_command(
    tmp_path: Path, status: int, code: str
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"a")
    refusal = httpx2.Response(status, json={"error": {"code": code, "message": "Not now."}})
    gateway = FakeGateway({"code": "batch_invalid", "message": "Wrong."}, upload_refusal=refusal)

    with pytest.raises(GatewayRefused, match=rf"Not now\..*\({code}\)$") as refused:
        await send_batch(client(gateway), lines({"image": "a.jpg"}), tmp_path, ignore)
    assert refused.value.exit_status == 1
    assert gateway.lines == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (422, "batch_too_long"),
        (413, "file_too_large"),
        (409, "idempotency_object_deleted"),
        (503, "engine_unavailable"),
    ],
)
async def test_a_refusal_of_the_whole_batch_is_told_although_a_file_is_missing(
    tmp_path: Path, status: int, code: str
) -> None:
    gateway = FakeGateway({"code": code, "message": "The batch cannot be made."}, status)

    with pytest.raises(GatewayRefused, match=rf"^The batch cannot be made\. \({code}\)$"):
        await send_batch(client(gateway), lines({"image": "gone.jpg"}), tmp_path, ignore)


@pytest.mark.parametrize("name", ["", "\0", "folder", "x" * 300])
async def test_a_name_that_is_no_file_is_a_problem_of_its_line(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    error = {"code": "asset_not_found", "message": "No.", "line": 1, "custom_id": "0", "param": "body.image"}
    gateway = FakeGateway({"code": "batch_invalid", "message": "Wrong.", "details": [error]})
    with pytest.raises(BatchRefused) as refused:
        await send_batch(client(gateway), lines({"image": name}), tmp_path, ignore)
    assert [each.field for each in refused.value.problems] == ["body.image"]


class Creation:
    """A gateway that takes batches, whose answer to each request the test decides. Keeps the keys."""

    def __init__(self, *answers: httpx2.Response | httpx2.TransportError) -> None:
        self._answers = list(answers)
        self.keys: list[str] = []
        self.requested = asyncio.Event()
        self.answer = asyncio.Event()
        self.answer.set()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.keys.append(request.headers.get("idempotency-key", ""))
        self.requested.set()
        await self.answer.wait()
        answer = self._answers.pop(0)
        if isinstance(answer, httpx2.TransportError):
            raise answer
        return answer

    def client(self) -> GatewayClient:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(self), base_url="http://gateway")
        return GatewayClient(http, reconnect_seconds=(0.0, 0.0))


def made() -> httpx2.Response:
    return httpx2.Response(200, json={"id": "batch_1"})


def lost() -> httpx2.ReadError:
    return httpx2.ReadError("connection lost")


def not_there() -> httpx2.ConnectError:
    return httpx2.ConnectError("refused")


async def test_a_batch_whose_answer_was_lost_is_asked_for_again_with_the_same_key(tmp_path: Path) -> None:
    gateway = Creation(lost(), not_there(), made())
    assert await send_batch(gateway.client(), lines({}), tmp_path, ignore) == {"id": "batch_1"}
    assert len(gateway.keys) == 3
    assert len(set(gateway.keys)) == 1


async def test_each_batch_has_a_key_of_its_own(tmp_path: Path) -> None:
    gateway = Creation(made(), made())
    for _ in range(2):
        await send_batch(gateway.client(), lines({}), tmp_path, ignore)
    assert len(set(gateway.keys)) == 2


async def test_a_gateway_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    gateway = Creation(not_there())
    with pytest.raises(GatewayUnreachable, match=r"^No answer from http://gateway: refused"):
        await send_batch(gateway.client(), lines({}), tmp_path, ignore)
    assert len(gateway.keys) == 1


async def test_a_batch_that_may_have_been_made_is_told(tmp_path: Path) -> None:
    gateway = Creation(lost(), not_there(), not_there(), not_there())
    with pytest.raises(GatewayUnreachable, match="`likeness batches` lists it if it was"):
        await send_batch(gateway.client(), lines({}), tmp_path, ignore)
    assert len(gateway.keys) == 4


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (made(), "batch_1 goes on; `likeness cancel batch_1` stops it"),
        (
            httpx2.Response(422, json={"error": {"code": "batch_empty", "message": "It has no lines."}}),
            "It has no lines. (batch_empty)",
        ),
    ],
)
async def test_interrupting_the_creation_tells_what_was_made(
    tmp_path: Path, answer: httpx2.Response, told: str
) -> None:
    gateway, notes = Creation(answer), list[str]()
    gateway.answer.clear()
    task = asyncio.create_task(send_batch(gateway.client(), lines({}), tmp_path, notes.append))
    await gateway.requested.wait()

    task.cancel()
    gateway.answer.set()

    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert task.cancelled()
    assert notes == ["the batch was sent; waiting for its id", told]
