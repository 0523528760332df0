import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Not pytest's: each session of root closes that again to the account that runs PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="likeness-test-") as folder:
        yield Path(folder)
