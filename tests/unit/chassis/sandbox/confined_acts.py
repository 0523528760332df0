"""A program that confines itself, tries acts that a taken-over process would try, and prints what it could.

Started as `python -m tests.unit.chassis.sandbox.confined_acts <writable folder> <network: 0 or 1>
<children: 0 or 1>`.
"""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from services.chassis.sandbox.confine import confine
from services.chassis.sandbox.limits import Limits
from services.chassis.sandbox.system_calls import prctl
from services.chassis.sandbox.system_paths import code_paths

LIMITS = Limits(memory_bytes=256 << 20, cpu_seconds=20, open_files=64, file_bytes=1 << 20)


def write_large_file(folder: Path) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    with (folder / "large").open("wb") as file:
        file.write(bytes(LIMITS.file_bytes))
        file.flush()
        file.write(b"1")


def capabilities() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    held = [int(line.split()[1], 16) for line in lines if line.startswith("Cap")]
    if any(held):
        raise PermissionError(f"capabilities {held}")
    return 0


def limit_processor_time(pid: int) -> None:
    resource.prlimit(pid, resource.RLIMIT_CPU, resource.prlimit(pid, resource.RLIMIT_CPU))


def lower_own_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, hard))
    resource.prlimit(0, resource.RLIMIT_NOFILE, (LIMITS.open_files, hard))


def pin_own_thread() -> None:
    os.sched_setaffinity(threading.get_native_id(), os.sched_getaffinity(0))


def idle(pid: int) -> None:
    os.sched_setscheduler(pid, os.SCHED_OTHER, os.sched_param(0))


def acts(folder: Path) -> dict[str, Callable[[], object]]:
    return {
        "write below its folder": lambda: (folder / "written").write_text("1"),
        "rename across folders": lambda: rename_across(folder),
        "import from the standard library": lambda: __import__("wave"),
        "import a package": lambda: __import__("numpy"),
        "run a program": lambda: subprocess.run(["/bin/true"], check=True),
        "fork": lambda: in_child(int),
        "start a thread": start_thread,
        "make a pair of sockets": socket.socketpair,
        "hold no capability": capabilities,
        "lower its own limit": lower_own_limit,
        "lower its own priority": lambda: os.nice(1),
        "choose its own scheduler": lambda: idle(0),
        "pin its own thread": pin_own_thread,
        "find code beside closed folders": lambda: list(code_paths()),
        "write elsewhere": lambda: (folder.parent / "elsewhere").write_text("1"),
        "make a symbolic link": lambda: (folder / "link").symlink_to("/etc/passwd"),
        "make a pipe": lambda: os.mkfifo(folder / "pipe"),
        "read elsewhere": lambda: (folder.parent / "secret").read_text(),
        "read another process": lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes(),
        "limit another process": lambda: limit_processor_time(os.getppid()),
        "signal another process": lambda: os.kill(os.getppid(), 0),
        "slow another process": lambda: os.setpriority(os.PRIO_PROCESS, os.getppid(), 0),
        "slow its user": lambda: os.setpriority(os.PRIO_USER, 0, 1),
        "schedule another process": lambda: idle(os.getppid()),
        "leave its session": lambda: in_child(os.setsid),
        "leave its process group": lambda: in_child(os.setpgrp),
        "give up its orphans": lambda: prctl(36, 0),
        "read passwords": lambda: Path("/etc/shadow").read_bytes(),
        "open an internet socket": lambda: socket.socket(socket.AF_INET).close(),
        "open a unix socket": lambda: socket.socket(socket.AF_UNIX).close(),
        "resolve a name": lambda: socket.getaddrinfo("localhost", 80),
        "open a packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close(),
        "allocate too much": lambda: len(bytearray(LIMITS.memory_bytes)),
        "open many files": lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(LIMITS.open_files)],
        "write a large file": lambda: write_large_file(folder),
    }


def rename_across(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "file").write_text("1")
    (folder / "sub" / "file").rename(folder / "renamed")


def in_child(act: Callable[[], object]) -> None:
    """Acts in a child, which leads no process group. Raises `OSError` if that is not possible."""
    child = os.fork()
    if child == 0:
        os._exit(0 if possible(act) else 1)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
        raise PermissionError("the child could not do it")


def start_thread() -> None:
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()


def possible(act: Callable[[], object]) -> bool:
    try:
        act()
    except (OSError, MemoryError, RuntimeError):
        return False
    return True


def main() -> None:
    folder, network, children = Path(sys.argv[1]), sys.argv[2] == "1", sys.argv[3] == "1"
    confinement = confine(LIMITS, writable=[folder], network=network, children=children)
    results = {name: possible(act) for name, act in acts(folder).items()}
    json.dump({"confinement": asdict(confinement), "possible": results}, sys.stdout)


if __name__ == "__main__":
    main()
