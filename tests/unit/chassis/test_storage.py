import asyncio
import io
import threading
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from services.chassis.errors import InvalidArgument, StoreUnavailable
from services.chassis.settings import ServiceSettings
from services.chassis.storage import ObjectStore


class ClientFactory:
    """Makes a stand-in for each client, and keeps the endpoints that it was called with."""

    def __init__(self) -> None:
        self.endpoints: list[str] = []

    def __call__(self, endpoint: str) -> Any:
        self.endpoints.append(endpoint)
        return cast(Any, object())


@pytest.mark.parametrize(
    ("public_endpoint", "built"),
    [("http://store", ["http://store"]), ("https://public", ["http://store", "https://public"])],
)
async def test_a_store_builds_one_client_for_each_of_its_addresses_when_it_is_used(
    public_endpoint: str, built: list[str]
) -> None:
    build_client = ClientFactory()
    store = ObjectStore(build_client, "http://store", public_endpoint, "bucket")
    assert build_client.endpoints == []

    await store.open()
    await store.open()

    assert build_client.endpoints == built


async def test_a_store_that_is_being_opened_can_be_left_at_once() -> None:
    entered, release = threading.Event(), threading.Event()
    daemons: list[bool] = []

    def build_client(endpoint: str) -> Any:
        daemons.append(threading.current_thread().daemon)
        entered.set()
        release.wait()

    store = ObjectStore(build_client, "http://store", "http://store", "bucket")
    opening = asyncio.create_task(store.open())
    await asyncio.to_thread(entered.wait)
    opening.cancel()
    await asyncio.wait({opening}, timeout=2)
    release.set()

    assert opening.cancelled()
    assert daemons == [True], "the end of the process would wait for the thread"


def settings_with(**endpoints: str) -> ServiceSettings:
    values = {"bus_url": "nats://127.0.0.1", "s3_endpoint": "http://store", "s3_access_key": "", **endpoints}
    return ServiceSettings.model_validate({**values, "s3_secret_key": ""})


@pytest.mark.parametrize("setting", ["s3_endpoint", "s3_public_endpoint"])
@pytest.mark.parametrize(
    "url",
    ["localhost:9000", "ftp://store", "http://", "http://my_store:9000", "http://a b", "http://-a", "store"],
)
def test_an_endpoint_that_no_client_would_take_is_refused_at_start(setting: str, url: str) -> None:
    name = f"LIKENESS_{setting.upper()}"
    with pytest.raises(InvalidArgument, match=rf"{name} is '{url}'.* such as http://127\.0\.0\.1:9000"):
        ObjectStore.from_settings(settings_with(**{setting: url}))


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost:9000", "https://s3.eu-central-1.amazonaws.com", "http://[::1]:9000"),
        *("HTTP://Store.", "https://user:word@store/prefix/", "http://10.0.0.1:9000/"),
    ],
)
async def test_an_endpoint_that_is_accepted_is_one_that_the_client_takes(url: str) -> None:
    await ObjectStore.from_settings(settings_with(s3_endpoint=url)).open()


class FakeBucket:
    """Keeps objects; the bucket itself shows with the given status."""

    def __init__(self, status: int) -> None:
        self.objects: dict[str, bytes] = {}
        self.keys: list[str] = []
        self._status = status

    def head_bucket(self, **_: str) -> None:
        if self._status != 200:
            raise ClientError({"Error": {"Code": str(self._status)}}, "HeadBucket")

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 - boto's names
        self.objects[Key] = Body
        self.keys.append(Key)

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803
        return {"Body": io.BytesIO(self.objects[Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        del self.objects[Key]


def store_in(bucket: FakeBucket) -> ObjectStore:
    return ObjectStore(lambda _: cast(Any, bucket), "http://store", "http://store", "bucket")


@pytest.mark.parametrize("status", [200, 403], ids=["may list", "may only write"])
async def test_a_check_needs_no_right_to_list_and_leaves_nothing(status: int) -> None:
    bucket = FakeBucket(status)
    await store_in(bucket).check()
    assert bucket.keys and not bucket.objects


async def test_a_check_does_not_make_a_bucket_that_is_absent() -> None:
    bucket = FakeBucket(404)
    with pytest.raises(StoreUnavailable):
        await store_in(bucket).check()
    assert not bucket.keys


async def test_a_process_replaces_what_an_earlier_one_of_its_name_has_left() -> None:
    bucket = FakeBucket(200)
    for _ in range(2):
        await store_in(bucket).check()
    assert len(set(bucket.keys)) == 1
