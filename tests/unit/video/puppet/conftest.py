from collections.abc import Iterator

import pytest

from services.video.engines.puppet.rig.setup import RigSetup


@pytest.fixture(scope="module")
def rig_setup() -> Iterator[RigSetup]:
    opened = RigSetup(50_000_000)
    yield opened
    opened.close()
