import json
import wave
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from pathlib import Path

import httpx2
import pytest

from services.cli.client import GatewayClient, connect
from services.cli.errors import CliError, GatewayRefused, GatewayUnreachable, UsageError
from services.gateway.speech.encoding import wav_header

Handler = Callable[[httpx2.Request], httpx2.Response]
VIDEO = {"id": "video_1", "object": "video", "status": "queued"}


def client(handler: Handler) -> GatewayClient:
    http = httpx2.AsyncClient(
        transport=httpx2.MockTransport(handler), base_url="http://gateway", follow_redirects=True
    )
    return GatewayClient(http, reconnect_seconds=(0.0, 0.0))


def event(number: int, status: str = "in_progress") -> bytes:
    data = json.dumps(
        {"type": f"video.{status}", "video": {"id": "video_1", "object": "video", "status": status}}
    )
    return f"id: {number}\nevent: video.{status}\ndata: {data}\n\n".encode()


class Stream(httpx2.AsyncByteStream):
    """Sends its chunks, and then loses the connection if `breaks`."""

    def __init__(self, *chunks: bytes, breaks: bool = False) -> None:
        self._chunks = chunks
        self._breaks = breaks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._breaks:
            raise httpx2.ReadError("connection lost")


async def test_all_pages_of_the_lexicon_are_read() -> None:
    pages = {None: (["a", "b/c"], True), "b/c": (["d"], False)}

    def answer(request: httpx2.Request) -> httpx2.Response:
        words, more = pages[request.url.params.get("after")]
        return httpx2.Response(200, json={"data": [{"word": word} for word in words], "has_more": more})

    assert [entry["word"] for entry in await client(answer).lexicon()] == ["a", "b/c", "d"]


async def test_a_word_is_quoted_in_the_path() -> None:
    paths: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        paths.append(request.url.raw_path)
        return httpx2.Response(200, json={})

    await client(answer).remove_word("and/or?")
    assert paths == [b"/v1/lexicon/and%2For%3F"]


async def test_the_error_for_an_unreadable_file_names_it(tmp_path: Path) -> None:
    with pytest.raises(CliError, match=r"Cannot read .*gone\.png: No such file"):
        await client(lambda _: httpx2.Response(200)).upload(tmp_path / "gone.png")


async def test_a_list_is_read_over_as_many_pages_as_its_limit_takes() -> None:
    requests: list[dict[str, str]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(dict(request.url.params))
        first = len(requests) * 1000
        found = [{"id": f"video_{first + number}"} for number in range(int(request.url.params["limit"]))]
        return httpx2.Response(200, json={"data": found, "has_more": True})

    found = await client(answer).page_through("/v1/jobs", {"status": "failed"}, 130)
    assert len(found) == 130
    assert requests == [
        {"limit": "100", "status": "failed"},
        {"limit": "30", "status": "failed", "after": "video_1099"},
    ]


async def test_a_list_ends_with_its_last_page() -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json={"data": [{"id": "video_1"}], "has_more": False})

    assert await client(answer).page_through("/v1/jobs", {}, 20) == [{"id": "video_1"}]


async def test_an_id_is_quoted_in_the_path() -> None:
    paths: list[bytes] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        paths.append(request.url.raw_path)
        return httpx2.Response(200, json={})

    await client(answer).cancel("../assets/asset_1?x")
    assert paths == [b"/v1/jobs/..%2Fassets%2Fasset_1%3Fx/cancel"]


async def test_a_key_that_cannot_be_a_header_is_refused() -> None:
    with pytest.raises(UsageError, match="is not valid"):
        async with connect("http://gateway", "\xe9", local=True):
            raise AssertionError("it has connected")


class EventServer:
    """Responds to each connection with the next stream, and keeps the ids after which clients resumed."""

    def __init__(self, *streams: Stream, video_status: str = "in_progress") -> None:
        self._streams = list(streams)
        self._status = video_status
        self.resumed_after: list[str | None] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        if not request.url.path.endswith("/events"):
            return httpx2.Response(200, json={**VIDEO, "status": self._status})
        self.resumed_after.append(request.headers.get("last-event-id"))
        if not self._streams:
            raise httpx2.ConnectError("refused")
        return httpx2.Response(200, stream=self._streams.pop(0))


async def followed(server: EventServer) -> list[tuple[str, str]]:
    return [(e.id, e.job["status"]) async for e in client(server).follow(VIDEO)]


async def test_events_are_followed_until_the_job_has_ended() -> None:
    server = EventServer(Stream(event(1), b": waiting\n\n", event(2, "completed")))

    assert await followed(server) == [("1", "in_progress"), ("2", "completed")]


async def test_the_events_of_a_job_of_another_kind_are_followed() -> None:
    job = {"id": "audio_1", "object": "audio", "status": "completed"}
    data = json.dumps({"type": "audio.completed", "audio": job})
    paths: list[str] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        paths.append(request.url.path)
        return httpx2.Response(200, text=f"id: 1\nevent: audio.completed\ndata: {data}\n\n")

    assert [event.job async for event in client(answer).follow(job)] == [job]
    assert paths == ["/v1/jobs/audio_1/events"]


async def test_a_lost_connection_is_resumed_after_the_last_complete_event() -> None:
    torn = event(3)[:-10]
    server = EventServer(
        Stream(event(1), event(2), torn, breaks=True), Stream(event(3), event(4, "completed"))
    )

    assert [number for number, _ in await followed(server)] == ["1", "2", "3", "4"]
    assert server.resumed_after == [None, "2"]


async def test_the_events_before_the_end_of_a_job_that_has_ended_are_followed_too() -> None:
    def past(number: int, name: str) -> bytes:
        data = json.dumps({"video": {**VIDEO, "status": "completed"}})
        return f"id: {number}\nevent: {name}\ndata: {data}\n\n".encode()

    server = EventServer(
        Stream(past(1, "video.queued"), past(2, "stage.completed"), past(3, "video.completed"))
    )

    assert [number for number, _ in await followed(server)] == ["1", "2", "3"]


async def test_a_stream_that_ends_early_is_opened_again() -> None:
    server = EventServer(Stream(event(1)), Stream(event(2, "failed")))

    assert await followed(server) == [("1", "in_progress"), ("2", "failed")]


async def test_the_end_of_a_job_is_noticed_without_an_event() -> None:
    server = EventServer(Stream(event(1)), video_status="cancelled")

    assert await followed(server) == [("1", "in_progress"), ("1", "cancelled")]


async def test_following_gives_up_after_the_last_reconnect() -> None:
    server = EventServer(Stream(event(1), breaks=True))

    with pytest.raises(GatewayUnreachable, match="video video_1 was being made; it may still be"):
        await followed(server)
    assert server.resumed_after == [None, "1", "1"]


async def test_a_refused_stream_is_not_opened_again() -> None:
    def refuse(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(404, json={"error": {"code": "job_not_found", "message": "No such video."}})

    with pytest.raises(GatewayRefused, match="No such video"):
        await anext(client(refuse).follow(VIDEO))


async def test_the_key_is_not_sent_to_the_object_store(tmp_path: Path) -> None:
    keys: list[str | None] = []

    def redirect(request: httpx2.Request) -> httpx2.Response:
        keys.append(request.headers.get("authorization"))
        if request.url.host == "gateway":
            return httpx2.Response(302, headers={"location": "http://store/file"})
        return httpx2.Response(200, content=b"mp4")

    http = httpx2.AsyncClient(
        transport=httpx2.MockTransport(redirect),
        base_url="http://gateway",
        follow_redirects=True,
        headers={"Authorization": "Bearer lk_1"},
    )
    await GatewayClient(http).download(VIDEO, tmp_path / "out.mp4")

    assert (tmp_path / "out.mp4").read_bytes() == b"mp4"
    assert keys == ["Bearer lk_1", None]


async def test_an_interrupted_download_keeps_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"old")

    def break_off(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, stream=Stream(b"half", breaks=True))

    with pytest.raises(GatewayUnreachable, match="broke off"):
        await client(break_off).download(VIDEO, tmp_path / "out.mp4")
    assert files_in(tmp_path) == {"out.mp4": b"old"}


async def test_the_error_for_an_unwritable_file_names_the_video(tmp_path: Path) -> None:
    def send(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=b"mp4")

    (tmp_path / "out.mp4").mkdir()

    with pytest.raises(CliError, match=r"Cannot write .*out\.mp4: Is a directory.*video_1"):
        await client(send).download(VIDEO, tmp_path / "out.mp4")
    assert names_in(tmp_path) == ["out.mp4"]


async def test_the_error_for_a_missing_folder_names_the_file(tmp_path: Path) -> None:
    def send(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, content=b"mp4")

    (tmp_path / "file").write_bytes(b"")

    with pytest.raises(CliError, match=r"Cannot write .*Not a directory"):
        await client(send).download(VIDEO, tmp_path / "file" / "out.mp4")


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


async def test_the_error_for_an_unreachable_gateway_names_its_url() -> None:
    def refuse(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused")

    with pytest.raises(GatewayUnreachable, match="No answer from http://gateway"):
        await client(refuse).engines()


@pytest.mark.parametrize("breaks", [False, True])
async def test_a_speech_file_is_complete_or_missing(tmp_path: Path, breaks: bool) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        assert json.loads(request.content) == {"input": "Hello."}
        return httpx2.Response(200, stream=Stream(b"so", b"und", breaks=breaks))

    expected = pytest.raises(GatewayUnreachable, match="broke off") if breaks else nullcontext()
    with expected:
        await client(answer).speak({"input": "Hello."}, tmp_path / "out.wav")
    assert [file.read_bytes() for file in tmp_path.glob("*")] == ([] if breaks else [b"sound"])  # noqa: ASYNC240


async def test_the_lengths_are_written_into_the_header_of_a_wav_file(tmp_path: Path) -> None:
    samples = b"\x01\x02" * 240

    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, stream=Stream(wav_header(24_000), samples))

    await client(answer).speak({"input": "Hi.", "response_format": "wav"}, tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav"), "rb") as file:
        assert (file.getframerate(), file.getnframes()) == (24_000, 240)
        assert file.readframes(1000) == samples
