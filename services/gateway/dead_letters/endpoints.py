"""`/v1/dead-letters`: stages that were given up after their last attempt, and their redrive."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, SerializeAsAny

from services.gateway.components import Wired
from services.gateway.dead_letters import repository
from services.gateway.dead_letters.redrive import redrive
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.http.pagination import Page
from services.gateway.jobs.domain.models import Execution, Stage
from services.gateway.jobs.presenter import executions_by_stage
from services.gateway.jobs.store import repository as jobs
from services.gateway.jobs.views.objects import ExecutionObject, JobObject
from services.gateway.jobs.views.serialize import execution_object, seconds

router = APIRouter(
    prefix="/v1/dead-letters", tags=["dead letters"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)


class DeadLetter(BaseModel):
    """A stage that has used up its attempts, for a reason that may pass."""

    id: str = Field(description="The stage's id.")
    object: Literal["dead_letter"] = "dead_letter"
    job_id: str
    stage: str
    service: str
    engine: str
    reason: str
    message: str
    failures: dict[str, int] = Field(description="Number of failures, by reason.")
    failed_at: float | None
    executions: list[ExecutionObject]
    redriven_as: str | None = Field(description="The id of the job that runs its job again.")

    @classmethod
    def of(cls, stage: Stage, executions: Sequence[Execution], redriven_as: str | None) -> "DeadLetter":
        return cls(
            id=stage.id,
            job_id=stage.job_id,
            stage=stage.name,
            service=stage.service,
            engine=stage.engine,
            reason=stage.failure.reason if stage.failure else "internal",
            message=stage.failure.message if stage.failure else "",
            failures=dict(stage.failures),
            failed_at=seconds(stage.completed_at),
            executions=[execution_object(execution) for execution in executions],
            redriven_as=redriven_as,
        )


@router.get("")
async def list_dead_letters(
    workspace: Workspace,
    components: Wired,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Page[DeadLetter]:
    """List dead letters, the newest first.

    Stages that would fail again, such as those with an unreadable image, are not among them.
    """
    async with components.pool.acquire() as connection:
        found = await repository.page(connection, workspace, after, limit + 1)
        stages = found[:limit]
        job_ids = [stage.job_id for stage in stages]
        redriven = await repository.redriven(connection, job_ids)
        executions = executions_by_stage(await jobs.find_executions(connection, job_ids))
    letters = [
        DeadLetter.of(stage, executions.get(stage.id, ()), redriven.get(stage.job_id)) for stage in stages
    ]
    return Page[DeadLetter].of(letters, more=len(found) > limit)


@router.post(
    "/{stage_id}/redrive",
    response_model=SerializeAsAny[JobObject],
    responses=errors({404: "dead_letter_not_found", 409: "kind_unknown"}),
)
async def post_redrive(stage_id: str, workspace: Workspace, components: Wired) -> JobObject:
    """Run the failed job again, as a new job: stages that were completed come from the cache.

    Another call returns the same new job, unless that has failed or was cancelled too.
    """
    return await components.jobs.presenter.present(await redrive(components, workspace, stage_id))
