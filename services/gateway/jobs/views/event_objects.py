"""Models of the events that clients receive: one for each type."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model

from services.gateway.jobs.domain.client_events import StageEventType, job_event_types
from services.gateway.jobs.views.objects import JobObject

JobProgress = Annotated[int, Field(ge=0, le=100, description="Progress of the job, in percent.")]
StageProgress = Annotated[float, Field(ge=0, le=1, description="Progress of the stage, from 0 to 1.")]
StageName = Annotated[str, Field(description="The stage's name, such as `scene-0/tts`.")]


@cache
def event_models(kind: str, shown: type[JobObject]) -> Mapping[str, type[BaseModel]]:
    """Returns the models of the data of all events of the kind's jobs, by the type of the event.

    `shown` is the model of such a job. The field that holds it has the name of the kind.
    """
    of_job = {each: (each, {"progress": JobProgress}) for each in job_event_types(kind)}
    of_stage = {
        each.value: (f"{kind}.{each.value}", {"stage": StageName, "progress": StageProgress})
        for each in StageEventType
    }
    return {
        event_type: create_model(
            "".join(part.capitalize() for part in name.replace(".", "_").split("_")) + "Event",
            __doc__=f"Data of an event `{event_type}`.",
            **_required({"type": Literal[event_type], **fields, kind: _job(shown)}),
        )
        for event_type, (name, fields) in (of_job | of_stage).items()
    }


def _job(shown: type[JobObject]) -> Any:
    return Annotated[shown, Field(description="The job as it is when the event is sent, without `request`.")]


def _required(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: (annotation, ...) for name, annotation in fields.items()}
