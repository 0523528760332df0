"""Collects the refusals of the parts of a request, so that all of them are told at once."""

from collections.abc import Callable
from typing import Generic, TypeVar, cast

from services.gateway.http.errors import ApiError, combined

T = TypeVar("T")


class Attempt(Generic[T]):
    """The result of a call that may have been refused."""

    def __init__(self, result: T | None, refusal: ApiError | None) -> None:
        self._result = result
        self._refusal = refusal

    @property
    def result(self) -> T:
        """Returns the result of the call. Raises the refusal if it was refused."""
        if self._refusal is not None:
            raise self._refusal
        return cast(T, self._result)

    @property
    def accepted(self) -> bool:
        return self._refusal is None


class Refusals:
    """Refusals of one request, in the order in which they were found."""

    def __init__(self) -> None:
        self._found: list[ApiError] = []

    def attempt(self, call: Callable[[], T]) -> Attempt[T]:
        """Calls, and keeps the `ApiError` that is raised."""
        try:
            return Attempt(call(), None)
        except ApiError as exc:
            self._found.append(exc)
            return Attempt[T](None, exc)

    def raise_if_any(self) -> None:
        """Raises all refusals as one, if there are any."""
        if self._found:
            raise combined(self._found)
