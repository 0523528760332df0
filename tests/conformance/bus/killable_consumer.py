"""A consumer in another process, which tests kill or freeze while it has an open delivery."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

START_SECONDS = 60.0


class KillableConsumer:
    """The process of the consumer."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def kill(self) -> None:
        self._process.kill()

    def freeze(self) -> None:
        os.kill(self._process.pid, signal.SIGSTOP)

    async def wake_and_acknowledge(self) -> None:
        os.kill(self._process.pid, signal.SIGCONT)
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        await self.wait_for_output("acknowledged")

    async def wait_for_output(self, word: str) -> None:
        """Waits for a line in the process's output, among its logs."""
        assert self._process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while (line := await self._process.stdout.readline()).decode().strip() != word:
                assert line, "the process has ended"


@asynccontextmanager
async def killable_consumer(adapter: str, url: str, queue: str) -> AsyncGenerator[KillableConsumer]:
    """Starts the consumer and waits until it has the first message of the queue."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.conformance.bus.killable_consumer", adapter, url, queue),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        consumer = KillableConsumer(process)
        await consumer.wait_for_output("taken")
        yield consumer
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def main(adapter: str, url: str, queue: str) -> None:
    """Receives a message and extends its delivery; acknowledges it after a line on stdin."""
    from services.chassis.errors import BusUnavailable
    from tests.conformance.bus.harness import CONNECTS, SHORT_LEASE_SECONDS

    bus = await CONNECTS[adapter](url, SHORT_LEASE_SECONDS)
    async with bus.consume(queue, prefetch=1) as deliveries:
        delivery = await anext(deliveries)
        sys.stdout.write("taken\n")
        sys.stdout.flush()
        extending = asyncio.create_task(extend_continuously(delivery.extend))
        await asyncio.to_thread(sys.stdin.readline)
        extending.cancel()
        try:
            await delivery.ack()
        except BusUnavailable as error:
            sys.stderr.write(f"{error}\n")
        sys.stdout.write("acknowledged\n")
        sys.stdout.flush()
    await bus.close()


async def extend_continuously(extend: Callable[[], Awaitable[None]]) -> None:
    while True:
        await extend()
        await asyncio.sleep(0.2)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
