"""What can happen to a stage, and who causes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.models import Failure


@dataclass(frozen=True, slots=True)
class Prepared:
    """The gateway: the inputs are there, and with them the action key."""

    stage_id: str
    action_key: str


@dataclass(frozen=True, slots=True)
class Reused:
    """The gateway: a stage with the same action key has made the result already."""

    stage_id: str
    known: "KnownResult"


@dataclass(frozen=True, slots=True)
class Admitted:
    """The gateway: the stage's turn has come; it is asked for on the bus."""

    stage_id: str


@dataclass(frozen=True, slots=True)
class Started:
    """A worker."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """A worker."""

    stage_id: str
    attempt: int
    worker_id: str
    progress: float


@dataclass(frozen=True, slots=True)
class Completed:
    """A worker."""

    stage_id: str
    attempt: int
    worker_id: str
    outputs: Mapping[str, Artifact]
    media_seconds: float
    ran_seconds: float = 0.0
    """By the worker's clock; its start may not have been told."""
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A worker, or with no `worker_id` the gateway, which could not ask any. `missing` is the key of an
    artifact that was gone or damaged."""

    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure
    missing: str = ""


@dataclass(frozen=True, slots=True)
class InputLost:
    """The gateway: a worker has failed for want of an input that another stage can make again."""

    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class HandedBack:
    """A worker that drains has given the stage back to the bus."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class LeaseExpired:
    """The reconciler: nobody has spoken for the stage since its lease was last renewed."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Overran:
    """The reconciler: its worker speaks for it, but has let it run past the engine's limit."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The reconciler: the backoff is over."""

    stage_id: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """A client, or the failure of another stage of the job."""

    stage_id: str


WorkerEvent = Started | Progressed | Completed | Failed | HandedBack
StageEvent = (
    WorkerEvent
    | Prepared
    | Reused
    | Admitted
    | InputLost
    | LeaseExpired
    | Overran
    | RetryDue
    | CancelRequested
)


@dataclass(frozen=True, slots=True)
class KnownResult:
    """What a stage with the same action key has made in the same workspace, in so many seconds."""

    outputs: Mapping[str, Artifact]
    media_seconds: float
    run_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()
