from typing import Any, cast

import pytest

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
