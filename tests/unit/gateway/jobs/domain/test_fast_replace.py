"""`fast_replace` equals `dataclasses.replace`."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.gateway.jobs.domain.fast_replace import fast_replace
from services.gateway.jobs.domain.models import JobRecord, JobStatus, Stage, StageState
from tests.unit.gateway.jobs.job_examples import build_job

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("record", "changes"),
    [
        (build_job().stages[0], {}),
        (build_job().stages[0], {"state": StageState.RUNNING, "worker_id": "w", "started_at": NOW}),
        (build_job().record, {"status": JobStatus.COMPLETED, "progress": 100}),
    ],
)
def test_the_result_equals_that_of_dataclasses_replace(record: Stage | JobRecord, changes: dict[str, object]):
    before = replace(record)
    assert fast_replace(record, **changes) == replace(record, **changes)
    assert record == before


def test_an_unknown_field_is_refused():
    with pytest.raises(KeyError):
        fast_replace(build_job().record, colour="blue")
