"""The children of a supervisor that is killed with SIGKILL end, although it cannot stop them."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

SUPERVISOR = """
import asyncio, os, sys
from pathlib import Path
from services.cli.stack.credentials import Credentials
from services.cli.stack.servers.nats import NatsServer
from services.cli.stack.servers.postgres import PostgresServer
from services.cli.stack.process import Command
from tests.ports import reserve_ports
from services.cli.stack.service import ServiceProcess

async def main(folder):
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    waits = Command([sys.executable, "-c", stubborn], os.environ, folder / "service.log")
    nats = NatsServer(folder / "nats", folder / "nats.log", Credentials(), reserve_ports(1)[0])
    postgres = PostgresServer(folder / "postgres", folder / "postgres.log")
    for part in (ServiceProcess("service", waits, {}), nats, postgres):
        await part.start()
    print("ready", flush=True)
    await asyncio.Event().wait()

asyncio.run(main(Path(sys.argv[1])))
"""


def test_no_child_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = subprocess.Popen([sys.executable, "-c", SUPERVISOR, str(tmp_path)], stdout=subprocess.PIPE)
    try:
        assert supervisor.stdout is not None
        assert supervisor.stdout.readline() == b"ready\n"
        children = psutil.Process(supervisor.pid).children(recursive=True)
    finally:
        os.kill(supervisor.pid, signal.SIGKILL)
        supervisor.wait()

    _, alive = psutil.wait_procs(children, timeout=20)
    assert len(children) >= 3
    assert alive == []
