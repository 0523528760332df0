import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Replaces pytest's folder, which every session of root closes to the account that runs PostgreSQL."""
    with tempfile.TemporaryDirectory(prefix="likeness-test-") as folder:
        yield Path(folder)
