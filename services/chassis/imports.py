"""Imports libraries without what they would only use if it is there."""

import sys
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def hidden(*modules: str) -> Generator[None]:
    """Makes imports of the modules fail in the block, as if they were not installed."""
    before = {name: sys.modules[name] for name in modules if name in sys.modules}
    sys.modules.update(dict.fromkeys(modules))  # pyright: ignore[reportArgumentType, reportCallIssue]
    try:
        yield
    finally:
        for name in modules:
            del sys.modules[name]
        sys.modules.update(before)
