"""Response models of jobs and their stages."""

from typing import Any, Literal

from pydantic import BaseModel, Field


class JobError(BaseModel):
    code: str
    message: str
    param: str | None = Field(
        default=None, description="Of a job: the field of its request that could not be made, if it was one."
    )


class ExplanationObject(BaseModel):
    """Why something is not done yet."""

    code: Literal[
        "no_worker",
        "lost",
        "retrying",
        "running",
        "queued_behind",
        "same_work_running",
        "waiting_for_inputs",
    ]
    message: str


class ExecutionObject(BaseModel):
    """One delivery of a stage to one worker."""

    worker: str
    attempt: int
    started_at: float
    ended_at: float | None
    outcome: Literal["completed", "failed", "lost", "handed_back", "cancelled", "superseded"] | None = Field(
        description="null: it still runs."
    )
    error: JobError | None


class CheckObject(BaseModel):
    """A measurement that a stage has made of its own output."""

    name: str
    value: float
    unit: str
    lower: float | None = Field(description="The value should be no less; null is no bound.")
    upper: float | None = Field(description="The value should be no more; null is no bound.")
    passed: bool
    message: str = Field(description="What was seen, if it did not pass.")


class WarningObject(BaseModel):
    """A notice for the client of a job that completes: a failed check, or about the request."""

    code: str
    message: str
    stage: str | None = Field(description="Which stage has seen it; null: it is about the request.")


class StageObject(BaseModel):
    id: str
    name: str
    service: str
    engine: str
    state: Literal["waiting", "ready", "queued", "running", "retrying", "completed", "failed", "cancelled"]
    explanation: ExplanationObject | None = Field(description="Why it is not done; null once it has ended.")
    progress: float = Field(description="From 0 to 1.")
    attempt: int
    cache: Literal["hit", "miss", "bypass"] | None = Field(
        description="hit: the result was known, the stage has not run. null: not looked up yet."
    )
    seconds_saved: float = Field(description="How long the stage ran that had made the known result.")
    worker: str | None
    queued_at: float | None
    started_at: float | None
    completed_at: float | None
    retry_at: float | None
    run_seconds: float | None
    error: JobError | None
    checks: list[CheckObject] = Field(description="Of the stage that made the result, if it was known.")
    executions: list[ExecutionObject] = Field(description="Who ran it, in order.")


class JobObject(BaseModel):
    """Fields that jobs of every kind have in common. Each kind adds fields of its own."""

    id: str
    object: str = Field(description="The kind: `video`, `audio`, `voice`.")
    status: Literal["queued", "in_progress", "completed", "failed", "cancelled"]
    progress: int = Field(description="Percent; never falls.")
    created_at: int
    completed_at: int | None
    expires_at: int | None = None
    error: JobError | None
    warnings: list[WarningObject]
    priority: Literal["interactive", "batch"]
    batch_id: str | None
    custom_id: str | None = Field(description="What the client of its batch calls it.")
    title: str | None = Field(description="The title that the request gave it; names downloaded files.")
    metadata: dict[str, str] = Field(description="The client's own key-value pairs.")
    redriven_from: str | None = Field(description="The failed job that this one does again.")
    seconds_saved: float = Field(description="Run seconds spared by results that were known.")
    eta_seconds: float | None = Field(description="Estimated from recent runs; null when there are none.")
    explanation: ExplanationObject | None = Field(
        description="The most telling of its stages' explanations; null once the job has ended."
    )
    request: dict[str, Any] | None = Field(
        description="The request as it was understood: defaults filled in, files by the ids of their assets. "
        "Asked for again, it gives the same result, as long as the avatars, effects and words that it names "
        "are the same. null in lists, batch results and events."
    )
    stages: list[StageObject]


class JobDeleted(BaseModel):
    id: str
    object: str = Field(description="Such as `video.deleted`.")
    deleted: Literal[True] = True
