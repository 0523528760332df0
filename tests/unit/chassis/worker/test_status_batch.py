"""Batches of statuses: packed and unpacked."""

import pytest

from likeness.jobs.v1.stages_pb2 import (
    StageCompleted,
    StageFailed,
    StageProgressed,
    StageRef,
    StageReleased,
    StageStarted,
    StageStatuses,
)
from services.chassis.bus.codec import pack
from services.chassis.worker.status_batch import Status, batch_statuses, statuses_in

TRACE = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
COMPLETED = StageCompleted(stage=StageRef(stage_id="a"))


@pytest.mark.parametrize(
    "status",
    [StageStarted(), StageProgressed(progress=0.5), COMPLETED, StageFailed(), StageReleased()],
    ids=lambda status: type(status).__name__,
)
def test_a_batch_is_unpacked_as_it_was_packed(status: Status) -> None:
    batch = batch_statuses([(status, TRACE), (status, None)])
    assert list(statuses_in(pack("s", batch, source="w"))) == [(status, TRACE), (status, None)]


def test_an_entry_of_an_unknown_kind_does_not_hide_the_others() -> None:
    batch: StageStatuses = batch_statuses([(COMPLETED, None)])
    batch.statuses.add()
    known, other = statuses_in(pack("s", batch, source="w"))
    assert known == (COMPLETED, None)
    assert type(other[0]).__name__ == "StageStatus"
