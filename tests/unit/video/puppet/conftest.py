from collections.abc import Iterator

import pytest

from services.video.engines.puppet.rig.setup import Staging


@pytest.fixture(scope="module")
def staging() -> Iterator[Staging]:
    opened = Staging(50_000_000)
    yield opened
    opened.close()
