"""When lines are written, and that none is lost."""

import asyncio
import io

from services.chassis.observability.logs import LineWriter


class CountingFile(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def write(self, text: str, /) -> int:
        self.writes += 1
        return super().write(text)


async def say(writer: LineWriter, line: str) -> None:
    writer.info(line)


async def test_lines_of_one_turn_are_written_together() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    await asyncio.gather(say(writer, "a"), say(writer, "b"))
    await asyncio.sleep(0)
    writer.info("c")
    await asyncio.sleep(0)
    assert file.getvalue() == "a\nb\nc\n"
    assert file.writes == 2


async def test_a_warning_waits_for_nothing_and_overtakes_nothing() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    writer.info("a")
    writer.warning("b")
    assert file.getvalue() == "a\nb\n"


async def test_a_thread_writes_at_once() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    await asyncio.to_thread(writer.info, "a")
    assert file.getvalue() == "a\n"


def test_what_a_loop_has_left_is_written_with_the_next_line() -> None:
    file = CountingFile()
    writer = LineWriter(file)
    loop = asyncio.new_event_loop()
    loop.call_soon(writer.info, "a")
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()
    writer.info("b")
    assert file.getvalue() == "a\nb\n"
    asyncio.run(say(writer, "c"))
    writer.flush()
    assert file.getvalue() == "a\nb\nc\n"
