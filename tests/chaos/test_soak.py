"""A short run with a fixed seed: no job is lost, stuck or done twice. `make chaos` runs longer ones."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.shape import SMALL
from tests.chaos.soak import SoakOptions, soak
from tests.chaos.stack import BUSES
from tests.chaos.trial import Setting

SEED = 3886
"""Its faults include a killed and a paused worker, a killed engine, a wiped broker, a late completion."""
FAULT_SECONDS = 15.0
FAULTS = 8


@pytest.fixture
def root() -> Iterator[Path]:
    """Yields a folder outside of pytest's own: PostgreSQL's own account must be able to reach it."""
    with tempfile.TemporaryDirectory(prefix="likeness-chaos-") as folder:
        yield Path(folder) / "run"


@pytest.mark.parametrize("bus", BUSES)
async def test_every_job_ends_as_expected(root: Path, bus: str):
    options = SoakOptions(in_flight=24, pace=0.3, shape=SMALL)
    setting = Setting(root, bus, SEED, log=lambda line: None)
    report = await soak(setting, options, seconds=FAULT_SECONDS, faults=FAULTS)
    assert report.passed, report.table()
    assert report.figures["jobs"] >= options.in_flight
