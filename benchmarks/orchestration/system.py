"""Defines the interface between the driver and a contender."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

Done = Callable[[str], None]
"""Called with the id of a chain that has ended."""
Submit = Callable[[Sequence[str]], Awaitable[None]]
"""Starts these chains; returns when the system has taken them."""
Running = Callable[[Done], AbstractAsyncContextManager[Submit]]
"""Runs a contender with its worker process for as long as the block runs."""
