"""Keeps the record of runs for the engines, which are confined and can write no file that outlives them."""

import socketserver
import threading
from collections import Counter
from pathlib import Path

from services.cli.stack.ports import LOOPBACK

RECORD = "runs.log"


class RunRecorder:
    """Listens on loopback. Engines send it a line for each start and end of a run, by `record_run`."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / RECORD
        self._starts: Counter[str] = Counter()
        self._writing = threading.Lock()
        recorder = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                line = self.rfile.readline().decode()
                self.wfile.write(f"{recorder.record(line)}\n".encode())

        self._server = socketserver.ThreadingTCPServer((LOOPBACK, 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def record(self, line: str) -> int:
        """Appends the line, and returns how often its stage has begun."""
        _, what, stage, *_ = line.split()
        with self._writing:
            self._starts[stage] += what == "start"
            with self._path.open("a") as record:
                record.write(line)
            return self._starts[stage]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
