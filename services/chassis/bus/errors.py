"""Translation of broker errors into `BusUnavailable`."""

from collections.abc import Callable

from services.chassis.errors import BusUnavailable


class TranslatedErrors:
    """Context manager that raises `BusUnavailable` in place of errors of the broker's client.

    `doing` completes the sentence "The message broker did not …". It is a class because it surrounds every
    message: a generator would cost three times as much.
    """

    __slots__ = ("_doing", "_is_broker_error")

    def __init__(self, doing: str, is_broker_error: Callable[[BaseException], bool]) -> None:
        self._doing = doing
        self._is_broker_error = is_broker_error

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is not None and self._is_broker_error(error):
            cause = str(error) or type(error).__name__
            raise BusUnavailable(f"The message broker did not {self._doing}: {cause}.") from error
