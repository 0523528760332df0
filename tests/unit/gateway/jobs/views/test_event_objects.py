"""Models of events: one for each type, named after it, which takes the data of that type only."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.gateway.jobs.domain.client_events import event_types
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.views.event_objects import event_models
from services.gateway.jobs.views.queue_snapshot import QueueSnapshot
from services.gateway.jobs.views.serialize import JobView
from services.gateway.videos.responses import VideoObject, video_object
from tests.unit.gateway.jobs.job_examples import NOW, build_job

MODELS = event_models("video", VideoObject)
SHOWN = video_object(build_job(), JobView(QueueSnapshot(), Forecast(), {}, NOW)).model_dump(mode="json")


def data(event_type: str, **changes: Any) -> dict[str, Any]:
    own = {"stage": "mux", "progress": 0.5} if event_type.startswith("stage.") else {"progress": 50}
    return {"type": event_type, "video": SHOWN, **own, **changes}


def test_every_type_has_a_model_of_its_own():
    assert set(MODELS) == {each.value for each in event_types(["video"])}
    assert len({model.__name__ for model in MODELS.values()}) == len(MODELS)
    assert MODELS["video.in_progress"].__name__ == "VideoInProgressEvent"
    assert MODELS["stage.running"].__name__ == "VideoStageRunningEvent"


@pytest.mark.parametrize("event_type", MODELS)
def test_a_model_takes_the_data_of_its_type_only(event_type: str):
    model = MODELS[event_type]
    assert model.model_validate(data(event_type)).model_dump(mode="json") == data(event_type)
    for wrong in ({"type": "other"}, {"progress": -1}, {"video": 5}):
        with pytest.raises(ValidationError):
            model.model_validate(data(event_type, **wrong))
