"""Guarantees of the object store, against a server that checks signatures."""

import asyncio
import hashlib
import secrets
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from services.chassis.errors import ArtifactMissing, InvalidArgument, StoreUnavailable
from services.chassis.settings import WorkerSettings
from services.chassis.storage import Artifact, ObjectStore


@pytest.fixture
def workspace() -> str:
    return f"ws-{secrets.token_hex(4)}"


async def chunks_of(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def test_a_file_is_addressed_by_its_content(store: ObjectStore, workspace: str, tmp_path: Path) -> None:
    path = tmp_path / "speech.wav"
    path.write_bytes(b"sound")
    digest = hashlib.sha256(b"sound").hexdigest()
    artifact = await store.identify(workspace, path, "audio/wav")
    assert await store.head(artifact.key) is None
    assert await store.put_file(workspace, path, "audio/wav") == artifact
    assert artifact == Artifact(f"{workspace}/sha256/{digest[:2]}/{digest}", digest, "audio/wav", 5)
    assert await store.read(artifact.key) == b"sound"
    assert await store.head(artifact.key) == 5


async def test_the_same_content_twice_is_one_object(store: ObjectStore, workspace: str) -> None:
    first = await store.put_bytes(workspace, b"same", "text/plain")
    assert await store.put_bytes(workspace, b"same", "text/plain") == first
    assert await store.read(first.key) == b"same"


@pytest.mark.parametrize("stored", [b"who", b"wh\0le"], ids=["half written", "damaged"])
async def test_a_damaged_object_is_written_again(store: ObjectStore, workspace: str, stored: bytes) -> None:
    artifact = await store.put_bytes(workspace, b"whole", "text/plain")
    url = await store.presign_put(
        artifact.key, media_type="text/plain", size_bytes=len(stored), expires_seconds=60
    )
    async with httpx2.AsyncClient() as client:
        await client.put(url, content=stored, headers={"Content-Type": "text/plain"})
    await store.put_bytes(workspace, b"whole", "text/plain")
    assert await store.read(artifact.key) == b"whole"


async def test_a_stream_larger_than_memory_allows_is_spooled(store: ObjectStore, workspace: str) -> None:
    data = secrets.token_bytes(12 << 20)
    artifact = await store.put_stream(workspace, chunks_of(data, 1 << 20), "video/mp4", max_bytes=len(data))
    assert (artifact.sha256, artifact.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert hashlib.sha256(await store.read(artifact.key)).hexdigest() == artifact.sha256


async def test_a_stream_beyond_the_limit_is_refused_before_it_ends(
    store: ObjectStore, workspace: str
) -> None:
    requested = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal requested
        while True:
            requested += 1
            yield b"x" * 100

    with pytest.raises(InvalidArgument, match="1000 bytes"):
        await store.put_stream(workspace, endless(), "text/plain", max_bytes=1000)
    assert requested == 11


async def test_fetching_gives_the_file(store: ObjectStore, workspace: str, tmp_path: Path) -> None:
    artifact = await store.put_bytes(workspace, b"content", "text/plain")
    path = await store.fetch(artifact, tmp_path / "fetched")
    assert path.read_bytes() == b"content"


async def test_fetching_a_deleted_object_raises(store: ObjectStore, workspace: str, tmp_path: Path) -> None:
    artifact = await store.put_bytes(workspace, b"content", "text/plain")
    await store.delete(artifact.key)
    with pytest.raises(ArtifactMissing):
        await store.fetch(artifact, tmp_path / "fetched")
    with pytest.raises(ArtifactMissing):
        await store.read(artifact.key)
    assert await store.head(artifact.key) is None


async def test_fetching_a_changed_object_raises(store: ObjectStore, workspace: str, tmp_path: Path) -> None:
    artifact = await store.put_bytes(workspace, b"content", "text/plain")
    forged = Artifact(artifact.key, "0" * 64, "text/plain", 7)
    with pytest.raises(ArtifactMissing, match="digest"):
        await store.fetch(forged, tmp_path / "fetched")
    assert not (tmp_path / "fetched").exists()


async def test_deleting_twice_is_no_error(store: ObjectStore, workspace: str) -> None:
    artifact = await store.put_bytes(workspace, b"content", "text/plain")
    await store.delete(artifact.key)
    await store.delete(artifact.key)


@pytest.mark.parametrize(("inline", "disposition"), [(False, "attachment"), (True, "inline")])
async def test_a_download_url_needs_no_credentials(
    store: ObjectStore, workspace: str, inline: bool, disposition: str
) -> None:
    artifact = await store.put_bytes(workspace, b"film", "application/octet-stream")
    url = await store.presign_get(
        artifact.key, filename='für "x".mp4', media_type="video/mp4", expires_seconds=60, inline=inline
    )
    async with httpx2.AsyncClient() as client:
        response = await client.get(url)
        assert response.content == b"film"
        assert response.headers["content-type"] == "video/mp4"
        assert response.headers["content-disposition"] == (
            f"{disposition}; filename=\"f_r _x_.mp4\"; filename*=UTF-8''f%C3%BCr%20%22x%22.mp4"
        )
        assert response.headers["cache-control"] == "private, max-age=60, immutable"
        ranged = await client.get(url, headers={"Range": "bytes=1-2"})
        assert (ranged.status_code, ranged.content) == (206, b"il")


async def test_a_url_for_head_answers_head_only(store: ObjectStore, workspace: str) -> None:
    artifact = await store.put_bytes(workspace, b"film", "application/octet-stream")
    url = await store.presign_get(
        artifact.key, filename="x.mp4", media_type="video/mp4", expires_seconds=60, inline=False, head=True
    )
    async with httpx2.AsyncClient() as client:
        head = await client.head(url)
        assert (head.status_code, head.headers["content-length"]) == (200, "4")
        assert (head.headers["content-type"], head.content) == ("video/mp4", b"")
        assert (await client.get(url)).status_code == 403


async def test_a_tampered_url_is_refused(store: ObjectStore, workspace: str) -> None:
    mine = await store.put_bytes(workspace, b"mine", "text/plain")
    other = await store.put_bytes(workspace, b"other", "text/plain")
    url = await store.presign_get(
        mine.key, filename="a", media_type="text/plain", expires_seconds=60, inline=False
    )
    async with httpx2.AsyncClient() as client:
        response = await client.get(url.replace(mine.key, other.key))
    assert response.status_code == 403


async def test_an_upload_url_takes_the_named_type_and_size_only(store: ObjectStore, workspace: str) -> None:
    key = f"{workspace}/uploads/1"
    url = await store.presign_put(key, media_type="image/png", size_bytes=7, expires_seconds=60)
    async with httpx2.AsyncClient() as client:
        refused = await client.put(url, content=b"picture", headers={"Content-Type": "text/html"})
        larger = await client.put(url, content=b"picture!", headers={"Content-Type": "image/png"})
        taken = await client.put(url, content=b"picture", headers={"Content-Type": "image/png"})
    assert (refused.status_code, larger.status_code, taken.status_code) == (403, 403, 200)
    assert await store.read(key) == b"picture"


async def test_urls_name_the_public_endpoint(worker_settings: WorkerSettings) -> None:
    public = worker_settings.model_copy(update={"s3_public_endpoint": "https://media.example.org"})
    url = await ObjectStore.from_settings(public).presign_get(
        "key", filename="a", media_type="text/plain", expires_seconds=60, inline=True
    )
    assert url.startswith("https://media.example.org/likeness/key?")


async def test_the_check_needs_the_bucket(store: ObjectStore, worker_settings: WorkerSettings) -> None:
    await store.check()
    without = ObjectStore.from_settings(worker_settings.model_copy(update={"s3_bucket": "absent"}))
    with pytest.raises(StoreUnavailable):
        await without.check()


async def test_wrong_credentials_are_refused(worker_settings: WorkerSettings) -> None:
    wrong = ObjectStore.from_settings(worker_settings.model_copy(update={"s3_access_key": "stranger"}))
    with pytest.raises(StoreUnavailable):
        await wrong.read("key")


async def test_an_unreachable_store_raises_in_bounded_time(
    worker_settings: WorkerSettings, tmp_path: Path
) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{listener.getsockname()[1]}"
        away = ObjectStore.from_settings(worker_settings.model_copy(update={"s3_endpoint": endpoint}))
        (tmp_path / "file").write_bytes(b"x")
        async with asyncio.timeout(30):
            with pytest.raises(StoreUnavailable):
                await away.check()
            with pytest.raises(StoreUnavailable):
                await away.put_file("ws", tmp_path / "file", "text/plain")


async def test_many_concurrent_requests(store: ObjectStore, workspace: str) -> None:
    contents = [str(number).encode() for number in range(24)]
    artifacts = await asyncio.gather(*(store.put_bytes(workspace, each, "text/plain") for each in contents))
    assert await asyncio.gather(*(store.read(artifact.key) for artifact in artifacts)) == contents
