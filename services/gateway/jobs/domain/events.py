"""Events that change a stage, each with the part of the system that causes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.models import Failure


@dataclass(frozen=True, slots=True)
class Prepared:
    """From the gateway: the inputs are there, and with them the action key."""

    stage_id: str
    action_key: str


@dataclass(frozen=True, slots=True)
class Reused:
    """From the gateway: a stage with the same action key has made the result already."""

    stage_id: str
    known: "KnownResult"


@dataclass(frozen=True, slots=True)
class Admitted:
    """From the gateway: the stage's turn has come; its command is published on the bus."""

    stage_id: str


@dataclass(frozen=True, slots=True)
class Started:
    """From a worker: it has begun to run the stage."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """From a worker: it still runs the stage. `progress` is from 0 to 1."""

    stage_id: str
    attempt: int
    worker_id: str
    progress: float


@dataclass(frozen=True, slots=True)
class Completed:
    """From a worker: the stage's outputs are stored."""

    stage_id: str
    attempt: int
    worker_id: str
    outputs: Mapping[str, Artifact]
    media_seconds: float
    ran_seconds: float = 0.0
    """Run time by the worker's clock: the gateway may not have received its start."""
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """From a worker, or with an empty `worker_id` from the gateway, if the command could not be published.

    `missing` is the key of an artifact that was gone or damaged.
    """

    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure
    missing: str = ""


@dataclass(frozen=True, slots=True)
class InputLost:
    """From the gateway: a worker has failed for want of an input that another stage can make again."""

    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class HandedBack:
    """From a worker that drains: it has given the stage back to the bus."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class LeaseExpired:
    """From the reconciler: no worker has renewed the stage's lease before it ended."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Overran:
    """From the reconciler: the worker renews the lease, but lets the stage run past the engine's limit."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RetryDue:
    """From the reconciler: the backoff is over."""

    stage_id: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """From a client, or from the failure of another stage of the job."""

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
    """The result of a completed stage with the same workspace and action key.

    `run_seconds` is how long that stage ran.
    """

    outputs: Mapping[str, Artifact]
    media_seconds: float
    run_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()
