"""Groups of tests: the marker of each, and which tests stay together when several processes run them.

Each process starts its own servers, so tests that share a server belong to one process.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest
from xdist.remote import Producer  # pyright: ignore[reportMissingTypeStubs]: its types stand in its code
from xdist.scheduler import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]

__all__ = ["GroupScheduling", "Producer", "marker_of", "slowest_first"]

FOLDERS = {
    "integration/cli": "stack",
    "e2e": "stack",
    "hostile": "stack",
    "chaos": "stack",
    "conformance/bus": "broker",
    "conformance/store": "broker",
    "integration/chassis": "broker",
    "integration/gateway": "broker",
    "integration/services": "media",
    "conformance": "media",
    "unit/voice": "unit",
    "unit": "unit",
    "manifests": "unit",
}
"""The marker of each folder's tests; the first folder that contains a test counts.

Slow folders come first, so that short files fill the gaps at the end of a run.
"""
ONE_AFTER_THE_OTHER = ("tests/e2e/", "tests/integration/cli/", "tests/chaos/test_soak.py")
"""All start stacks, and a stack keeps several cores busy."""


class GroupScheduling(LoadScopeScheduling):
    """Gives each process one group after another, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return process_group(nodeid)


def marker_of(nodeid: str) -> str:
    """Returns the marker of the test's folder."""
    return FOLDERS[folder_of(nodeid)]


def folder_of(nodeid: str) -> str:
    """Returns the key in FOLDERS. Raises UsageError if there is none."""
    folder = PurePosixPath(nodeid.partition("::")[0]).relative_to("tests").parent
    for parent in FOLDERS:
        if folder.is_relative_to(parent):
            return parent
    raise pytest.UsageError(f"tests/{folder} has no marker: add the folder to tests/groups.py.")


def process_group(nodeid: str) -> str:
    """Returns the name that all tests of one process share: usually the path of their file."""
    path, _, name = nodeid.partition("::")
    if path.startswith(ONE_AFTER_THE_OTHER):
        return "stacks"
    if path.startswith("tests/conformance/bus/"):
        return "RabbitMQ's conformance" if "[rabbitmq" in name else "NATS's conformance"
    if path.startswith("tests/integration/chassis/test_rabbitmq"):
        return "workers on RabbitMQ"
    return path


def slowest_first(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Returns the tests in the order of FOLDERS, and of one folder in the order in which they are."""
    order = list(FOLDERS)
    return sorted(items, key=lambda item: order.index(folder_of(item.nodeid)))
