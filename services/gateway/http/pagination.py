"""Pages of the API's lists, in the shape of OpenAI's."""

from collections.abc import Sequence
from typing import Generic, Literal, Self, TypeVar

from pydantic import BaseModel

T = TypeVar("T", bound=BaseModel)


class Page(BaseModel, Generic[T]):
    """One page of a list. The next one begins after `last_id`."""

    object: Literal["list"] = "list"
    data: list[T]
    first_id: str | None
    last_id: str | None
    has_more: bool

    @classmethod
    def of(cls, items: Sequence[T], *, more: bool) -> Self:
        """Returns the page of these items, which have an `id` each."""
        ids: list[str] = [getattr(item, "id") for item in items]  # noqa: B009 - no model says that it has one
        return cls(
            data=list(items),
            first_id=ids[0] if ids else None,
            last_id=ids[-1] if ids else None,
            has_more=more,
        )
