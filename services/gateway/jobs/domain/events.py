"""Events that change a stage, each with the part of the system that causes it."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.chassis.engine_api.quality import QualityCheck
from services.chassis.storage import Artifact
from services.gateway.jobs.domain.models import Failure


@dataclass(frozen=True, slots=True)
class Prepared:
    """Gateway event: the inputs are there, and with them the action key."""

    stage_id: str
    action_key: str


@dataclass(frozen=True, slots=True)
class Reused:
    """Gateway event: a stage with the same action key has made the result already."""

    stage_id: str
    known: "KnownResult"


@dataclass(frozen=True, slots=True)
class Admitted:
    """Gateway event: the stage's turn has come; its command is published on the bus."""

    stage_id: str


@dataclass(frozen=True, slots=True)
class Started:
    """Worker event: it has begun to run the stage."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """Worker event: it still runs the stage. `progress` is from 0 to 1."""

    stage_id: str
    attempt: int
    worker_id: str
    progress: float


@dataclass(frozen=True, slots=True)
class Completed:
    """Worker event: the stage's outputs are stored."""

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
    """Worker event, or gateway event with an empty `worker_id` if the command could not be published.

    `missing` is the key of an artifact that was gone or damaged.
    """

    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure
    missing: str = ""


@dataclass(frozen=True, slots=True)
class InputLost:
    """Gateway event: a worker has failed for want of an input that another stage can make again."""

    stage_id: str
    attempt: int
    worker_id: str
    failure: Failure


@dataclass(frozen=True, slots=True)
class HandedBack:
    """Worker event: a draining worker has given the stage back to the bus."""

    stage_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True)
class LeaseExpired:
    """Reconciler event: no worker has renewed the stage's lease before it ended."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Overran:
    """Reconciler event: the worker renews the lease, but lets the stage run past the engine's limit."""

    stage_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RetryDue:
    """Reconciler event: the backoff is over."""

    stage_id: str


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """Cancellation by a client, or after the failure of another stage of the job."""

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
