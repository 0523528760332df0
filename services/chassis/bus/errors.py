"""A broker's errors in the words of the bus."""

from collections.abc import Callable

from services.chassis.errors import BusUnavailable


class TranslatedErrors:
    """Raises `BusUnavailable` in the place of an error that the client of the broker means by it.

    A class, for it stands around every message: a generator would cost three times as much.
    """

    __slots__ = ("_doing", "_is_brokers")

    def __init__(self, doing: str, is_brokers: Callable[[BaseException], bool]) -> None:
        self._doing = doing
        self._is_brokers = is_brokers

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None and self._is_brokers(error):
            cause = str(error) or type(error).__name__
            raise BusUnavailable(f"The message broker did not {self._doing}: {cause}.") from error
