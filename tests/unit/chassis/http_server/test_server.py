"""How many connections the limit of open files allows."""

import resource

import pytest

from services.chassis.http_server.server import MAX_FILES, MIN_CONNECTIONS, OTHER_FILES, raise_file_limit

NONE = resource.RLIM_INFINITY


@pytest.mark.parametrize(
    ("soft", "hard", "enough", "raised"),
    [
        (1024, 524_288, 4_000, MAX_FILES),
        (1024, NONE, 4_000, MAX_FILES),
        (NONE, NONE, 4_000, None),
        (1024, 1024, 1024 - OTHER_FILES, None),
        (256, 1024, 1024 - OTHER_FILES, 1024),
        (256, 256, MIN_CONNECTIONS, None),
        (64, 64, MIN_CONNECTIONS, None),
    ],
)
def test_the_limit_of_files_bounds_the_connections(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, enough: int, raised: int | None
) -> None:
    found: list[int] = []

    def setrlimit(_kind: int, limits: tuple[int, int]) -> None:
        found.append(limits[0])

    monkeypatch.setattr(resource, "getrlimit", {resource.RLIMIT_NOFILE: (soft, hard)}.__getitem__)
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    assert raise_file_limit(4_000) == enough
    assert found == ([] if raised is None else [raised])


def test_fewer_connections_than_the_floor_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", {resource.RLIMIT_NOFILE: (64, 64)}.__getitem__)
    assert raise_file_limit(4) == 4
