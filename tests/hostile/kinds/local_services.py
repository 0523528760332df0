"""Another user of the machine tries every port, socket and file of the stack, without a credential.

Nothing is listed, read, written or run. Only root can become another user: others have none of these attacks.
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil

from services.cli.stack.data_folder import DataFolder
from services.cli.stack.stack_services import stack_port_names
from services.cli.stack.state import StackState, running_state
from tests.hostile.attack import Attack, Target

KIND = "local_services"
MAX_FILES = 500
AUTHORITY = "s3/config/authority.pem"
"""The authority of the store's inner gRPC, in the data folder."""
Found = dict[str, Any]


class Intrusion:
    """One run of the intruder, whose findings all attacks look at."""

    def __init__(self) -> None:
        self._running: dict[Path, asyncio.Task[Found]] = {}

    async def findings(self, data: Path) -> Found:
        """Waits for the findings. An attack that ends before does not end the run, which others wait for."""
        if data not in self._running:
            self._running[data] = asyncio.create_task(findings_of(data))
        return await asyncio.shield(self._running[data])


async def findings_of(data: Path) -> Found:
    wanted = await asyncio.to_thread(everything_of, data)
    return {**await intrude(wanted), "ports": wanted["ports"]}


INTRUSION = Intrusion()


def everything_of(data: Path) -> Found:
    """Returns all that the processes of the stack listen on, by the process list, and all of its files."""
    state = running_state(DataFolder(data).state)
    assert state is not None
    processes = processes_of(state)
    listening = [each for process in processes for each in sockets_of(process)]
    inner = {port: name for part in state.parts for name, port in part.ports.items()}
    ports = [each.laddr.port for each in listening if each.status == psutil.CONN_LISTEN]
    files = [path for path in data.rglob("*") if path.is_file()]
    folders = [path for path in data.rglob("*") if path.is_dir()]
    return {
        "ports": {inner.get(port, str(port)): port for port in ports},
        "sockets": sorted({each.laddr for each in listening if isinstance(each.laddr, str) and each.laddr}),
        "files": [str(path) for path in files[:MAX_FILES]],
        "folders": [str(data), *map(str, folders)],
        "processes": [process.pid for process in processes],
        "authority": (data / AUTHORITY).read_text(),
    }


def processes_of(state: StackState) -> list[psutil.Process]:
    marks = [state.supervisor, *(part.process for part in state.parts if part.process)]
    roots = [psutil.Process(mark.pid) for mark in marks]
    return list(
        {each.pid: each for root in roots for each in [root, *root.children(recursive=True)]}.values()
    )


def sockets_of(process: psutil.Process) -> list[Any]:
    try:
        return process.net_connections("all")
    except psutil.NoSuchProcess:
        return []


async def intrude(wanted: Found) -> Found:
    """Runs the intruder as another user. Returns what it got."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.hostile.intruder",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate(json.dumps(wanted).encode())
    assert process.returncode == 0, errors.decode()
    return json.loads(output)


async def speak(protocol: str, port_name: str, target: Target) -> None:
    """Checks that nothing comes back from the port."""
    found = await INTRUSION.findings(target.data)
    got: list[str] = found[protocol][port_name]
    assert got == [], f"{port_name} over {protocol}: {got}"


async def enter(what: str, target: Target) -> None:
    """Checks that no socket, file, folder or process of the stack lets the intruder in."""
    got: Sequence[str] = (await INTRUSION.findings(target.data))[what]
    assert list(got) == [], f"{what}: {got}"


async def count_ports(target: Target) -> None:
    """Checks that the processes listen on the ports that the stack knows, and on no others."""
    found = await INTRUSION.findings(target.data)
    assert set(found["ports"]) == set(stack_port_names())


def attacks(*, root: bool) -> Sequence[Attack]:
    if not root:
        return ()
    return (
        *(
            Attack(KIND, f"{protocol} at {name}", partial(speak, protocol, name))
            for protocol in ("http", "https", "grpc", "grpc-tls", "nats")
            for name in stack_port_names()
        ),
        *(
            Attack(KIND, f"open {what}", partial(enter, what))
            for what in ("sockets", "files", "folders", "processes")
        ),
        Attack(KIND, "listen elsewhere", count_ports),
    )


ATTACKS = attacks(root=os.geteuid() == 0)
