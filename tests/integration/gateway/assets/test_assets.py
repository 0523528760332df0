"""Uploads: an accepted file is in the store and the table, a refused one in neither."""

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
from starlette.datastructures import UploadFile

from services.chassis.errors import StoreUnavailable
from services.chassis.storage import Artifact, ObjectStore
from services.cli.stack.servers.postgres import PostgresServer
from services.gateway.accounts import repository as accounts
from services.gateway.assets.intake import take_presigned, take_upload
from services.gateway.garbage.collector import GarbageCollector
from tests.conftest import StoreServer
from tests.integration.gateway.conftest import BuildSettings, copied_database, settings_of
from tests.integration.gateway.gateway import Gateway, picture, run_gateway
from tests.servers import NatsBroker


@pytest.fixture(scope="module")
async def strict_gateway(
    postgres: PostgresServer, migrated: str, broker: NatsBroker, store_server: StoreServer
) -> AsyncIterator[Gateway]:
    """A gateway that accepts small files only."""
    async with copied_database(postgres, migrated) as url:
        settings = settings_of(broker, store_server, url, max_upload_bytes=20_000, max_image_pixels=50_000)
        async with run_gateway(settings) as gateway:
            yield gateway


async def keys_in_store(gateway: Gateway) -> set[str]:
    store = gateway.components.store
    listed = store._client.list_objects_v2(Bucket=store._bucket)  # pyright: ignore[reportPrivateUsage]
    return {item.get("Key", "") for item in listed.get("Contents", [])}


async def rows(gateway: Gateway) -> int:
    """Returns the number of assets and open uploads."""
    return await gateway.components.pool.fetchval(
        "SELECT (SELECT count(*) FROM assets) + (SELECT count(*) FROM uploads WHERE swept_at IS NULL)"
    )


async def request_upload(gateway: Gateway, data: bytes, name: str = "p.png") -> dict[str, str]:
    response = await gateway.http.post("/v1/assets/uploads", json={"filename": name, "bytes": len(data)})
    assert response.status_code == 201, response.text
    return response.json()


async def put(gateway: Gateway, upload: dict[str, str], data: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream", "Authorization": ""}
    response = await gateway.http.put(upload["url"], content=data, headers=headers)
    assert response.status_code == 200, response.text


async def test_an_upload_is_stored_by_its_content(gateway: Gateway):
    data = picture(170, 130, "maroon")
    response = await gateway.http.post("/v1/assets", files={"file": ("../up/Ünï.txt", data, "text/plain")})
    asset = response.json()
    digest = hashlib.sha256(data).hexdigest()
    assert (asset["kind"], asset["media_type"], asset["filename"]) == ("image", "image/png", "Ünï.txt")
    assert (asset["width"], asset["height"], asset["bytes"], asset["sha256"]) == (170, 130, len(data), digest)
    assert await gateway.components.store.read(f"default/sha256/{digest[:2]}/{digest}") == data
    assert (await gateway.http.get(f"/v1/assets/{asset['id']}")).json() == asset


UNREADABLE = [
    pytest.param(b"no media at all, just words", 415, "unsupported_media_type", id="text"),
    pytest.param(picture()[:100], 422, "image_corrupt", id="cut"),
    pytest.param(picture(300, 200), 413, "image_too_large", id="pixels"),
]


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        pytest.param(b"", 400, "file_empty", id="empty"),
        pytest.param(bytes(20_001), 413, "file_too_large", id="bytes"),
        *UNREADABLE,
    ],
)
async def test_a_refused_upload_leaves_nothing_behind(
    strict_gateway: Gateway, data: bytes, status: int, code: str
):
    before = await keys_in_store(strict_gateway)
    response = await strict_gateway.http.post("/v1/assets", files={"file": ("p.png", data)})
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert await keys_in_store(strict_gateway) == before
    assert await rows(strict_gateway) == 0


@pytest.mark.parametrize(("data", "status", "code"), UNREADABLE)
async def test_a_presigned_upload_that_is_refused_leaves_nothing_behind(
    strict_gateway: Gateway, data: bytes, status: int, code: str
):
    before = await keys_in_store(strict_gateway)
    upload = await request_upload(strict_gateway, data)
    await put(strict_gateway, upload, data)
    response = await strict_gateway.http.post(f"/v1/assets/uploads/{upload['id']}/complete")
    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert await keys_in_store(strict_gateway) == before
    assert await rows(strict_gateway) == 0


async def test_a_presigned_upload_becomes_exactly_one_asset(gateway: Gateway):
    data = picture(150, 150, "teal")
    upload = await request_upload(gateway, data, "teal.png")
    complete = f"/v1/assets/uploads/{upload['id']}/complete"
    early = await gateway.http.post(complete)
    assert (early.status_code, early.json()["error"]["code"]) == (409, "upload_missing")
    await put(gateway, upload, data)
    asset = (await gateway.http.post(complete)).json()
    assert (asset["filename"], asset["sha256"]) == ("teal.png", hashlib.sha256(data).hexdigest())
    assert f"default/uploads/{upload['id']}" not in await keys_in_store(gateway)
    assert (await gateway.http.post(complete)).status_code == 404
    assert await rows(gateway) == 1


class UndeletingStore:
    """The real store, which fails when something is to be deleted."""

    def __init__(self, store: ObjectStore) -> None:
        self.head = store.head
        self.download = store.download
        self.identify = store.identify
        self.put_file = store.put_file

    async def delete(self, key: str) -> None:
        raise StoreUnavailable("The object store cannot be reached.")


async def test_an_upload_is_completed_although_its_object_cannot_be_deleted_yet(gateway: Gateway):
    data = picture(150, 163)
    before = await keys_in_store(gateway)
    upload = await request_upload(gateway, data)
    await put(gateway, upload, data)
    store = cast(ObjectStore, UndeletingStore(gateway.components.store))
    asset = await take_presigned(replace(gateway.components, store=store), "default", upload["id"])
    await collect_after(gateway, 20)
    assert await keys_in_store(gateway) - before == {asset.artifact.key}


async def test_a_presigned_upload_that_is_completed_at_once_becomes_one_asset(gateway: Gateway):
    data = picture(150, 150, "teal")
    upload = await request_upload(gateway, data, "teal.png")
    await put(gateway, upload, data)
    complete = f"/v1/assets/uploads/{upload['id']}/complete"
    responses = await asyncio.gather(*(gateway.http.post(complete) for _ in range(4)))
    assert sorted(each.status_code for each in responses) == [201, 404, 404, 404]
    assert await rows(gateway) == 1


async def test_what_is_sent_to_the_url_of_a_completed_upload_is_deleted(gateway: Gateway):
    """The URL stays valid: the collector deletes the object again and again, and forgets the upload in the
    end."""
    data = picture(150, 156, "teal")
    upload = await request_upload(gateway, data)
    await put(gateway, upload, data)
    (await gateway.http.post(f"/v1/assets/uploads/{upload['id']}/complete")).raise_for_status()
    key = f"default/uploads/{upload['id']}"
    for minutes in (20, 40, 130):
        await put(gateway, upload, data)
        assert key in await keys_in_store(gateway)
        await collect_after(gateway, minutes)
        assert key not in await keys_in_store(gateway)
    assert await gateway.components.pool.fetchval("SELECT count(*) FROM uploads") == 0


async def test_an_open_upload_is_not_deleted(gateway: Gateway):
    data = picture(150, 157)
    upload = await request_upload(gateway, data)
    await put(gateway, upload, data)
    await collect_after(gateway, 130)
    assert (await gateway.http.post(f"/v1/assets/uploads/{upload['id']}/complete")).status_code == 201


async def collect_after(gateway: Gateway, minutes: int) -> None:
    """Collects garbage as if the minutes had passed."""
    components = gateway.components
    await GarbageCollector(
        components.pool,
        components.store,
        lambda: components.clock() + timedelta(minutes=minutes),
        interval_seconds=1,
        upload_seconds=components.settings.upload_keep_seconds,
        url_seconds=components.settings.content_url_seconds,
    ).collect()


class HeldStore:
    """The real store, whose answer to `put_file` never comes."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.identify = store.identify
        self.stored = asyncio.Event()

    async def put_file(self, workspace: str, path: Path, media_type: str) -> Artifact:
        await self._store.put_file(workspace, path, media_type)
        self.stored.set()
        await asyncio.Event().wait()
        raise AssertionError


async def leave_once_stored(gateway: Gateway, data: bytes) -> None:
    """Cancels an upload between its object and its row."""
    store = HeldStore(gateway.components.store)
    components = replace(gateway.components, store=cast(ObjectStore, store))
    uploading = asyncio.create_task(take_upload(components, "default", UploadFile(io.BytesIO(data))))
    await store.stored.wait()
    uploading.cancel()
    with suppress(asyncio.CancelledError):
        await uploading


async def test_an_upload_whose_client_leaves_leaves_no_object_behind(gateway: Gateway):
    before = await keys_in_store(gateway)
    await leave_once_stored(gateway, picture(150, 161))
    assert await rows(gateway) == 0
    await collect_after(gateway, 60)
    assert await keys_in_store(gateway) != before, "it is left to an upload that may take long"
    await collect_after(gateway, 7 * 60)
    assert await keys_in_store(gateway) == before


async def test_the_object_of_an_asset_is_no_garbage(gateway: Gateway):
    data = picture(150, 162)
    await gateway.upload(data)
    assert await gateway.components.pool.fetchval("SELECT count(*) FROM garbage") == 0
    with_asset = await keys_in_store(gateway)
    await leave_once_stored(gateway, data)
    await collect_after(gateway, 7 * 60)
    assert await keys_in_store(gateway) == with_asset


async def test_a_workspace_has_a_number_of_open_uploads(build_settings: BuildSettings, broker: NatsBroker):
    async with run_gateway(build_settings(broker, max_open_uploads=2)) as gateway:
        for _ in range(2):
            await request_upload(gateway, b"file")
        refused = await gateway.http.post("/v1/assets/uploads", json={"filename": "f", "bytes": 5})
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "too_many_open_uploads")


async def test_a_presigned_upload_that_finds_no_room_may_be_completed_later(gateway: Gateway):
    data = picture(150, 158)
    upload = await request_upload(gateway, data)
    await put(gateway, upload, data)
    with gateway.components.admission.admitted("other", gateway.components.settings.upload_disk_bytes // 2):
        busy = await gateway.http.post(f"/v1/assets/uploads/{upload['id']}/complete")
    assert (busy.status_code, busy.json()["error"]["code"]) == (503, "uploads_busy")
    assert (await gateway.http.post(f"/v1/assets/uploads/{upload['id']}/complete")).status_code == 201


async def test_a_declared_size_above_the_limit_gets_no_upload_url(gateway: Gateway):
    response = await gateway.http.post("/v1/assets/uploads", json={"filename": "f", "bytes": 10**12})
    assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")
    assert await rows(gateway) == 0


async def test_assets_are_listed_newest_first_in_pages(gateway: Gateway):
    ids = [await gateway.upload(picture(128 + number, 128)) for number in range(5)]
    seen: list[str] = []
    more = True
    while more:
        params = {"limit": "2", **({"after": seen[-1]} if seen else {})}
        page = (await gateway.http.get("/v1/assets", params=params)).json()
        seen += [asset["id"] for asset in page["data"]]
        more = page["has_more"]
    assert seen == ids[::-1]


async def test_a_deleted_asset_keeps_its_content_for_videos(gateway: Gateway):
    asset = await gateway.upload(picture(140, 150, "navy"))
    sha256 = (await gateway.http.get(f"/v1/assets/{asset}")).json()["sha256"]
    deleted = await gateway.http.delete(f"/v1/assets/{asset}")
    assert deleted.json() == {"id": asset, "object": "asset.deleted", "deleted": True}
    assert (await gateway.http.get(f"/v1/assets/{asset}")).status_code == 404
    assert await gateway.components.store.head(f"default/sha256/{sha256[:2]}/{sha256}") is not None


async def test_an_asset_is_downloaded_as_it_was_sent(gateway: Gateway):
    data = picture(150, 151, "plum")
    asset = (await gateway.http.post("/v1/assets", files={"file": ("Für dich", data)})).json()
    path = f"/v1/assets/{asset['id']}/content"
    redirect = await gateway.http.get(path)
    assert (redirect.status_code, redirect.headers["cache-control"]) == (302, "no-store")
    assert redirect.headers["etag"] == f'"{asset["sha256"]}"'
    content = await gateway.http.get(redirect.headers["location"], headers={"Authorization": ""})
    assert (content.content, content.headers["content-type"]) == (data, "image/png")
    assert content.headers["content-disposition"].startswith("attachment; ")
    assert "filename*=UTF-8''F%C3%BCr%20dich.png" in content.headers["content-disposition"]
    assert "immutable" in content.headers["cache-control"]
    shown = await gateway.http.get(path, params={"inline": "true"})
    content = await gateway.http.get(shown.headers["location"], headers={"Authorization": ""})
    assert content.headers["content-disposition"].startswith("inline; ")


async def test_head_follows_the_redirect_to_an_asset(gateway: Gateway):
    data = picture(150, 152)
    path = f"/v1/assets/{await gateway.upload(data)}/content"
    redirect = await gateway.http.head(path)
    assert redirect.status_code == 302
    head = await gateway.http.head(redirect.headers["location"], headers={"Authorization": ""})
    assert (head.status_code, int(head.headers["content-length"])) == (200, len(data))


async def test_an_asset_that_the_client_has_is_not_sent_again(gateway: Gateway):
    path = f"/v1/assets/{await gateway.upload(picture(150, 153))}"
    first = await gateway.http.get(path)
    etag = first.headers["etag"]
    assert (etag, first.headers["cache-control"]) == (f'"{first.json()["sha256"]}"', "private, no-cache")
    for each in (path, f"{path}/content"):
        again = await gateway.http.get(each, headers={"If-None-Match": etag})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
        assert (await gateway.http.get(each, headers={"If-None-Match": '"other"'})).status_code != 304


async def test_the_content_of_an_asset_of_another_workspace_is_not_found(gateway: Gateway):
    async with gateway.components.pool.acquire() as connection:
        await accounts.ensure_key(connection, "other", "test", "key of other")
    path = f"/v1/assets/{await gateway.upload(picture(150, 154))}/content"
    response = await gateway.http.get(path, headers={"Authorization": "Bearer key of other"})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "asset_not_found")


@pytest.mark.parametrize("path", ["/v1/assets/a%00b", "/v1/assets?after=a%00b", "/v1/videos/a%00b"])
async def test_an_id_that_cannot_be_stored_is_refused(shared_gateway: Gateway, path: str):
    response = await shared_gateway.http.get(path)
    assert (response.status_code, response.json()["error"]["type"]) == (422, "invalid_request_error")


async def test_a_file_name_with_a_nul_is_refused(shared_gateway: Gateway):
    response = await shared_gateway.http.post("/v1/assets/uploads", json={"filename": "a\x00b", "bytes": 5})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid_request")
