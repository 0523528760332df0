"""What every contender gives the driver."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

Done = Callable[[str], None]
"""Told the id of a chain that has ended."""
Submit = Callable[[Sequence[str]], Awaitable[None]]
"""Starts these chains; returns when the system has taken them."""
Running = Callable[[Done], AbstractAsyncContextManager[Submit]]
"""A contender with its worker process at work."""
