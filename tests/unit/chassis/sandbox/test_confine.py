import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from services.chassis.sandbox.landlock import landlock_version

NEEDED = [
    "write below its folder",
    "rename across folders",
    "import from the standard library",
    "import a package",
    "run a program",
    "fork",
    "start a thread",
    "make a pair of sockets",
    "lower its own limit",
    "lower its own priority",
    "choose its own scheduler",
    "pin its own thread",
    "find code beside closed folders",
]
REFUSED = {
    "write elsewhere": "files",
    "make a symbolic link": "files",
    "make a pipe": "files",
    "read elsewhere": "files",
    "read another process": "files",
    "read passwords": "files",
    "limit another process": "system_calls",
    "slow another process": "system_calls",
    "slow its user": "system_calls",
    "schedule another process": "system_calls",
    "give up its orphans": "system_calls",
    "leave its session": "system_calls",
    "leave its process group": "system_calls",
    "open a unix socket": "system_calls",
    "open an internet socket": "system_calls",
    "open a packet socket": "system_calls",
    "allocate too much": "limits",
    "open many files": "limits",
    "write a large file": "limits",
}


def closed_folder(path: Path) -> None:
    """Makes a folder that a confined process cannot enter: of another user, or without rights."""
    path.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(path, 1, 1)
    else:
        path.chmod(0)


def confined(folder: Path, *, network: bool = False, children: bool = True) -> dict[str, Any]:
    writable = folder / "writable"
    writable.mkdir()
    (folder / "secret").write_text("secret")
    beside_code = folder / "beside"
    beside_code.mkdir()
    closed_folder(beside_code / "pgdata")
    entries = [beside_code, beside_code / "pgdata", *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.unit.chassis.sandbox.confined_acts",
            writable,
            str(int(network)),
            str(int(children)),
        ],
        env={
            **os.environ,
            "OPENBLAS_NUM_THREADS": "1",  # each thread takes memory
            "PYTHONPATH": os.pathsep.join(map(str, filter(None, entries))),
        },
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def offline(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return confined(tmp_path_factory.mktemp("offline"))


@pytest.fixture(scope="module")
def online(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return confined(tmp_path_factory.mktemp("online"), network=True)


@pytest.fixture(scope="module")
def childless(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return confined(tmp_path_factory.mktemp("childless"), children=False)


@pytest.mark.parametrize("act", NEEDED)
def test_what_computations_need_stays_possible(offline: dict[str, Any], act: str) -> None:
    assert offline["possible"][act]


@pytest.mark.parametrize(("act", "measure"), REFUSED.items())
def test_what_a_client_could_gain_by_taking_the_process_over_is_refused(
    offline: dict[str, Any], act: str, measure: str
) -> None:
    if not offline["confinement"][measure]:
        pytest.skip(f"this system allows no {measure}")
    assert not offline["possible"][act]


@pytest.mark.skipif(landlock_version() < 6, reason="Landlock keeps signals in since Linux 6.12")
def test_no_other_process_can_be_signalled(offline: dict[str, Any]) -> None:
    assert not offline["possible"]["signal another process"]


def test_limits_are_possible_on_every_system(offline: dict[str, Any]) -> None:
    assert offline["confinement"]["limits"]


def test_no_capability_is_left(offline: dict[str, Any]) -> None:
    assert offline["possible"]["hold no capability"]


@pytest.mark.parametrize("act", ["open an internet socket", "resolve a name", "make a pair of sockets"])
def test_the_network_can_be_left_open(online: dict[str, Any], act: str) -> None:
    assert online["possible"][act]


@pytest.mark.parametrize("act", ["open a packet socket", "open a unix socket"])
def test_other_sockets_stay_closed_with_the_network(online: dict[str, Any], act: str) -> None:
    assert not online["possible"][act]


@pytest.mark.parametrize("act", ["fork", "run a program"])
def test_a_process_can_be_kept_from_having_children(childless: dict[str, Any], act: str) -> None:
    if not childless["confinement"]["system_calls"]:
        pytest.skip("this system allows no system_calls")
    assert not childless["possible"][act]


def test_a_process_without_children_has_threads(childless: dict[str, Any]) -> None:
    assert childless["possible"]["start a thread"]


LIST_DEVICES = """
import os, sys
from pathlib import Path
from services.chassis.sandbox.landlock import FileAccess, restrict_files

folder = Path(sys.argv[1])
restrict_files(FileAccess(listable=(), runnable=(), writable=(), devices=(folder, folder / "card0")))
print(*os.listdir(folder), (folder / "card0").read_text())
"""


def test_folders_of_devices_can_be_listed(tmp_path: Path) -> None:
    (tmp_path / "card0").write_text("opened")
    command = [sys.executable, "-c", LIST_DEVICES, tmp_path]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "card0 opened\n"
