"""Turns a call that pushes items into an iterator that can be abandoned."""

import queue
import threading
from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")

_ITEMS_AHEAD = 64


class _End:
    pass


def pull(produce: Callable[[Callable[[T], bool]], None]) -> Generator[T, None, None]:
    """Runs `produce` in a thread and yields what it pushes.

    The push function returns False once the iterator is closed. Closing waits for `produce` to return.
    What `produce` raises is raised here, after the items before it.
    """
    items: queue.Queue[T | Exception | _End] = queue.Queue(_ITEMS_AHEAD)
    abandoned = threading.Event()

    def push(item: T) -> bool:
        items.put(item)
        return not abandoned.is_set()

    def run() -> None:
        try:
            produce(push)
        except Exception as error:  # noqa: BLE001  it is raised in the thread that asked
            items.put(error)
        items.put(_End())

    threading.Thread(target=run, name="espeak", daemon=True).start()
    finished = False
    try:
        while not isinstance(item := items.get(), _End):
            if isinstance(item, Exception):
                raise item
            yield item
        finished = True
    finally:
        abandoned.set()
        while not finished:
            finished = isinstance(items.get(), _End)
