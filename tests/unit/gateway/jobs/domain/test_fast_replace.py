from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.gateway.jobs.domain.fast_replace import evolve
from services.gateway.jobs.domain.models import Stage, StageState, Video, VideoStatus
from tests.unit.gateway.jobs.job_examples import build_job

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        (build_job().stages[0], {}),
        (build_job().stages[0], {"state": StageState.RUNNING, "worker_id": "w", "started_at": NOW}),
        (build_job().video, {"status": VideoStatus.COMPLETED, "progress": 100}),
    ],
)
def test_it_is_what_replace_makes(record: Stage | Video, changes: dict[str, object]):
    before = replace(record)
    assert evolve(record, **changes) == replace(record, **changes)
    assert record == before


def test_a_field_that_there_is_not_is_refused():
    with pytest.raises(KeyError):
        evolve(build_job().video, colour="blue")
