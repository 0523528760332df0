"""Components that the endpoints of jobs use. Built in `wiring.py`."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from services.chassis.storage import ObjectStore
from services.gateway.db.listen import Notifications
from services.gateway.db.pool import Pool
from services.gateway.jobs.estimator import JobEstimator
from services.gateway.jobs.kinds import Kinds
from services.gateway.jobs.presenter import JobPresenter
from services.gateway.jobs.store.writer import JobWriter
from services.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class JobComponents:
    """The components of one gateway that its job endpoints need."""

    settings: GatewaySettings
    pool: Pool
    store: ObjectStore
    writer: JobWriter
    kinds: Kinds
    presenter: JobPresenter
    estimator: JobEstimator
    notifications: Notifications


def jobs_of(request: Request) -> JobComponents:
    return request.app.state.components.jobs


WiredJobs = Annotated[JobComponents, Depends(jobs_of)]
