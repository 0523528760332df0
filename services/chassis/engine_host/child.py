"""The child process that runs one engine: `python -m services.chassis.engine_host.child module:Class …`.

Started by the engine host only. It ends with its worker, however the worker ends.
"""

import fcntl
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from services.chassis.engine_api.spec import Engine
from services.chassis.engine_host.bytecode import store_bytecode
from services.chassis.engine_host.child_settings import ChildSettings
from services.chassis.engine_host.codec import encode
from services.chassis.engine_host.frames import (
    REQUEST_HEADER,
    Done,
    Failed,
    FromChild,
    Item,
    ModuleMissing,
    Ready,
    Refused,
    Run,
    decode_request,
)
from services.chassis.engine_host.resident_memory import data_bytes
from services.chassis.errors import OUT_OF_MEMORY_ADVICE, LikenessError, Reason
from services.chassis.freed_memory import return_freed_memory
from services.chassis.models.cache import CACHE_VARIABLE
from services.chassis.observability.gc_tuning import collections_paused
from services.chassis.sandbox.confine import Confinement, confine
from services.chassis.sandbox.limits import Limits, limit_memory
from services.chassis.sandbox.privileges import adopt_orphans
from services.chassis.text.without_paths import without_paths

REST_SECONDS = 5.0
"""How long no request has come when the process gives memory back."""
_F_SETSIG = 10
_MESSAGE_CHARACTERS = 200
_NO_MEMORY_IN_OPENCV = -4
_MODEL_FOLDERS = (
    ("HF_HOME", "hub"),
    ("HF_HOME", "modules"),
    ("HF_HUB_CACHE", ""),
    (CACHE_VARIABLE, ""),
    ("TORCH_HOME", ""),
    ("TRANSFORMERS_CACHE", ""),
)
"""Folders of models, by variable and folder below it. HF_HOME itself also holds the user's token."""
_OPENING_LIMITS = Limits(memory_bytes=256 << 30, cpu_seconds=None, open_files=4096, file_bytes=64 << 30)
"""Limits while the engine opens, before it has seen any input; then its own bound of memory holds."""


def main() -> None:
    """Runs the engine named on the command line until the worker closes the channel."""
    path, channel, lifeline, settings, worker = sys.argv[1:]
    end_with_worker(int(lifeline), int(worker))
    os.dup2(2, 1)  # native libraries print to stdout: it goes to the worker's log
    store_bytecode(path)
    adopt_orphans()  # so that the worker, which counts the memory of descendants, finds them
    child = ChildSettings.from_json(settings)
    serve(path, socket.socket(fileno=int(channel)), child, confined(child, path))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # The engine is closed. The interpreter's own end would free every object, and take longer than that.
    os._exit(0)


def end_with_worker(lifeline: int, worker: int) -> None:
    """Makes the kernel kill this process, and all that it starts, when the worker is gone.

    Nothing is ever written to the lifeline, so the only event on it is the end of the worker's side: it sends
    SIGKILL to the whole process group, even while the engine runs native code. (A parent death signal would
    reach this process alone, and first: its own children would live on.)
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgid(0))
    fcntl.fcntl(lifeline, _F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if os.getppid() != worker:  # the worker ended before the kernel knew of it
        sys.exit(1)


def confined(settings: ChildSettings, path: str) -> Confinement:
    """Confines this process, which has neither threads nor input yet."""
    package = path.partition(":")[0].partition(".")[0]
    code = [Path(entry, package) for entry in sys.path]
    models = [Path(os.environ[name], folder) for name, folder in _MODEL_FOLDERS if name in os.environ]
    return confine(
        _OPENING_LIMITS,
        writable=[settings.scratch, *settings.writable],
        readable=[*settings.readable, *code, *models],
        network=settings.network,
    )


def serve(path: str, channel: socket.socket, settings: ChildSettings, confinement: Confinement) -> None:
    """Opens the engine, then answers requests one after the other until the worker closes the channel."""

    def send(frame: FromChild) -> None:
        channel.sendall(encode(frame))

    with collections_paused():
        engine = open_engine(path, send)
    if engine is None:
        return
    # What the open engine holds stays: threads' stacks and reserved memory, which count though unused.
    limit_memory(data_bytes(os.getpid()) + engine.spec.memory_bytes(settings.memory_mb))
    send(Ready(engine.spec, confinement.lacking))
    while (request := next_request(channel)) is not None:
        answer(engine, request, send)
    engine.close()


def open_engine(path: str, send: Callable[[FromChild], None]) -> Engine | None:
    """Returns the open engine, or `None` after the reason for its absence has been sent to the worker."""
    module, _, name = path.partition(":")
    try:
        engine: Engine = getattr(importlib.import_module(module), name)()
        engine.open()
    except ModuleNotFoundError as error:
        send(ModuleMissing(error.name or module))
    except Exception as error:  # noqa: BLE001 - the worker reports any error
        send(failure(error))
    else:
        return engine
    return None


def answer(engine: Engine, request: Run, send: Callable[[FromChild], None]) -> None:
    """Runs the requested operation and sends its items, then `Done` or the failure."""
    try:
        items: Iterator[Any] = getattr(engine, request.operation)(request.request)
        for item in items:
            send(Item(item))
    except (BrokenPipeError, ConnectionResetError):
        raise
    except Exception as error:  # noqa: BLE001 - the worker reports any error
        send(failure(error))
    else:
        send(Done())


def failure(error: Exception) -> Refused | Failed:
    """Returns the frame that reports `error` to the worker."""
    if isinstance(error, LikenessError):
        return Refused(error.reason, error.message)
    if isinstance(error, MemoryError) or getattr(error, "code", None) == _NO_MEMORY_IN_OPENCV:
        return Refused(Reason.OUT_OF_MEMORY, OUT_OF_MEMORY_ADVICE)
    reason = without_paths(str(error)[: 2 * _MESSAGE_CHARACTERS])
    message = f"{type(error).__name__}: {reason}"[:_MESSAGE_CHARACTERS]
    return Failed(message, "".join(traceback.format_tb(error.__traceback__)))


def next_request(channel: socket.socket) -> Run | None:
    """Waits for the next request, returns it, `None` at the end of the channel.

    At rest the process gives freed memory back: opening an engine leaves some, and so do long requests.
    """
    if not select.select([channel], [], [], REST_SECONDS)[0]:
        return_freed_memory()
    return receive(channel)


def receive(channel: socket.socket) -> Run | None:
    """Returns the next request, `None` at the end of the channel."""
    header = receive_exactly(channel, REQUEST_HEADER.size)
    if header is None:
        return None
    body = receive_exactly(channel, REQUEST_HEADER.unpack(header)[0])
    return None if body is None else decode_request(body)


def receive_exactly(channel: socket.socket, size: int) -> bytes | None:
    """Returns exactly `size` bytes, `None` if the channel ends before."""
    received = bytearray()
    while len(received) < size:
        block = channel.recv(size - len(received))
        if not block:
            return None
        received += block
    return bytes(received)


if __name__ == "__main__":
    main()
