"""The registry of kinds: names that work, and jobs of kinds that are not registered."""

from dataclasses import replace
from typing import Any

import pytest

from services.gateway.audio.kind import AUDIO
from services.gateway.http.errors import ApiError
from services.gateway.jobs.domain.job_status import length_of_last_stage
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.kinds import Kinds
from services.gateway.jobs.views.queue_snapshot import QueueSnapshot
from services.gateway.jobs.views.serialize import JobView
from services.gateway.videos.kind import VIDEO
from tests.unit.gateway.jobs.job_examples import NOW, build_job

KINDS = Kinds((VIDEO, AUDIO))
VIEW = JobView(QueueSnapshot(), Forecast(), {}, NOW)


def of_kind(kind: str) -> Job:
    job = build_job()
    return replace(job, record=replace(job.record, kind=kind))


def test_a_kind_is_found_by_its_name_and_by_its_url():
    assert KINDS["audio"] is KINDS.by_url()["/v1/audio/jobs"] is AUDIO


def test_a_job_of_an_unknown_kind_is_shown_and_ends_without_it():
    shown = KINDS.present(of_kind("banner"), VIEW)
    assert (shown.object, shown.status, len(shown.stages)) == ("banner", "queued", 3)
    assert KINDS.finish_of("banner") is length_of_last_stage
    assert KINDS.url_of("banner") == "/v1/jobs"


def test_only_its_kind_can_tell_more_of_it():
    with pytest.raises(ApiError, match="does not have the kind 'banner'") as refused:
        KINDS["banner"]
    assert (refused.value.status, refused.value.code) == (409, "kind_unknown")


@pytest.mark.parametrize(
    "changes",
    [{"name": "talking_pet"}, {"name": "Video"}, {"name": "type"}, {"url": "/videos"}, {"variants": {}}],
)
def test_a_kind_that_the_core_cannot_work_with_is_refused(changes: dict[str, Any]):
    with pytest.raises(ValueError, match="kind"):
        replace(VIDEO, **changes)
