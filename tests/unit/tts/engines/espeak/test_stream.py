import threading
from collections.abc import Callable

import pytest

from services.tts.engines.espeak.stream import pull


def test_items_come_in_order_and_end() -> None:
    def produce(push: Callable[[int], bool]) -> None:
        for number in range(500):
            push(number)

    assert list(pull(produce)) == list(range(500))


def test_an_exception_of_the_producer_comes_after_its_items() -> None:
    def produce(push: Callable[[int], bool]) -> None:
        push(1)
        raise ValueError("broken")

    items = pull(produce)
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_closing_stops_the_producer_and_waits_for_it() -> None:
    returned = threading.Event()

    def produce(push: Callable[[int], bool]) -> None:
        while push(0):
            pass
        returned.set()

    items = pull(produce)
    next(items)
    items.close()
    assert returned.is_set()
