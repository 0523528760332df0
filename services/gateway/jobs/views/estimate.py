"""Response model of an estimate: what a job would run if it were created now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.gateway.jobs.domain.models import CacheUse, Job, Stage
from services.gateway.jobs.domain.quantity import Unit
from services.gateway.jobs.forecast.forecast import Forecast
from services.gateway.jobs.forecast.known_results import Foreseen
from services.gateway.jobs.forecast.stage_load import learned_length, length_of, work_of
from services.gateway.jobs.views.objects import WarningObject
from services.gateway.jobs.views.serialize import warning_objects


class EstimatedStage(BaseModel):
    """One stage that the job would have."""

    name: str = Field(description="As in the job's `stages`.")
    service: str
    engine: str
    cache: Literal["hit", "miss", "bypass"] = Field(
        description="hit: the result is known, or an equal stage makes it; the stage would not run."
    )
    unit: Unit = Field(description="What `quantity` counts.")
    quantity: float = Field(
        description="How much the stage has to do. Lengths of speech that is not spoken yet are estimated."
    )
    run_seconds: float | None = Field(
        description="How long the stage would run, from its engine's recent runs; 0 for a hit, null if the "
        "engine has never run."
    )


class EstimateObject(BaseModel):
    """What a job would run if it were created now. No job is created; files that were sent are assets now."""

    object: Literal["estimate"] = "estimate"
    kind: str = Field(description="The kind of the job: `video`, `audio`, `voice`.")
    stages: list[EstimatedStage] = Field(description="The stages in their order.")
    stages_to_run: int = Field(description="How many of them would run: 0 if every result is known.")
    media_seconds: float = Field(description="Length of the result.")
    run_seconds: float | None = Field(
        description="Sum over the stages that would run; null if one of their engines has never run."
    )
    eta_seconds: float | None = Field(
        description="Time until the result, with what waits before it; null if it cannot be told."
    )
    warnings: list[WarningObject] = Field(description="As the job would carry them.")


def estimate_object(job: Job, foreseen: Foreseen, forecast: Forecast, now: datetime) -> EstimateObject:
    """Returns the estimate of a job that is not stored."""
    length = length_of_known(job.stages, foreseen, forecast)
    stages = [estimated_stage(stage, foreseen, forecast, length) for stage in job.stages]
    known = {stage.name for stage in stages if stage.cache == "hit"}
    seconds = [stage.run_seconds for stage in stages if stage.run_seconds is not None]
    return EstimateObject(
        kind=job.record.kind,
        stages=stages,
        stages_to_run=len(stages) - len(known),
        media_seconds=round(media_seconds(job.stages[-1], foreseen, length), 3),
        run_seconds=round(sum(seconds), 3) if len(seconds) == len(stages) else None,
        eta_seconds=forecast.seconds_until_done(job.stages, now, length, known - foreseen.awaited),
        warnings=warning_objects(job.record.warnings),
    )


def estimated_stage(stage: Stage, foreseen: Foreseen, forecast: Forecast, length: float) -> EstimatedStage:
    use = foreseen.uses[stage.name]
    quantity = stage.quantity
    seconds = 0.0 if use is CacheUse.HIT else forecast.run_seconds(stage, length)
    return EstimatedStage(
        name=stage.name,
        service=stage.service,
        engine=stage.engine,
        cache=use.value,
        unit=quantity.unit,
        quantity=round(work_of(quantity.amount, quantity.estimated, length), 3),
        run_seconds=None if seconds is None else round(seconds, 3),
    )


def length_of_known(stages: Sequence[Stage], foreseen: Foreseen, forecast: Forecast) -> float:
    """Returns how much longer than planned the scripts take to speak: as known results are, or as usual."""
    pairs = [
        (stage.quantity.media_seconds, foreseen.results[stage.name].media_seconds)
        for stage in stages
        if stage.name in foreseen.results and stage.quantity.is_spoken
    ]
    planned, made = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
    return learned_length(planned, made, None) if planned and made else length_of(stages, forecast.rates)


def media_seconds(last: Stage, foreseen: Foreseen, length: float) -> float:
    known, quantity = foreseen.results.get(last.name), last.quantity
    return known.media_seconds if known else work_of(quantity.media_seconds, quantity.estimated, length)
