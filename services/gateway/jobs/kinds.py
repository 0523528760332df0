"""Kinds of jobs: how each is planned, finished, shown and redriven."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from fastapi import APIRouter

from services.gateway.http.errors import ApiError
from services.gateway.jobs.domain.copy_for_redrive import copy_for_redrive
from services.gateway.jobs.domain.job_plan import JobPlan
from services.gateway.jobs.domain.job_status import Finish, length_of_last_stage
from services.gateway.jobs.domain.models import EngineKey, Job
from services.gateway.jobs.request import JobRequest
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.serialize import JobView

C = TypeVar("C")
R = TypeVar("R", bound=JobRequest)


class Redrive(Protocol):
    """See `copy_for_redrive`."""

    def __call__(
        self,
        job: Job,
        *,
        job_id: str,
        new_stage_id: Callable[[], str],
        versions: Mapping[EngineKey, str],
        now: Any,
    ) -> Job: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that cannot be carried out, with everything that is wrong with it."""

    errors: Sequence[ApiError]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind(Generic[C, R]):
    """A kind of job. `C` is what `plan` needs of the gateway (its `Components`), `R` the kind's request."""

    name: str
    """The beginning of its jobs' ids and of the types of their events, and the `object` of the API."""
    url: str
    """The URL at which its jobs are created; the lines of a batch name it."""
    request: type[R]
    plan: Callable[[C, str, Sequence[R]], Awaitable[list[JobPlan | Refused]]]
    """Plans requests of one workspace, given by its id, or refuses them."""
    present: Callable[[Job, JobView], JobObject]
    variants: Mapping[str, str]
    """Files of a completed job: outputs of its last stage, with the suffixes of their usual names. The first
    is what a client gets that asks for none by name."""
    suffixes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other suffixes by media type, for variants that come in several formats."""
    finish: Finish = length_of_last_stage
    """Returns the `result` of a completed job."""
    redrive: Redrive = copy_for_redrive
    """Copies a failed job to be run again."""
    router: APIRouter = field(default_factory=APIRouter)
    """Endpoints of its own."""


AnyKind = JobKind[Any, Any]


class UnknownKind(Exception):
    """The tables have a job of a kind that is not registered."""


class Kinds:
    """The registered kinds, by name and by URL."""

    def __init__(self, kinds: Iterable[AnyKind]) -> None:
        self._by_name = {kind.name: kind for kind in kinds}

    def __iter__(self) -> Iterator[AnyKind]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> AnyKind:
        if name not in self._by_name:
            raise UnknownKind(f"This gateway has no kind {name!r}. Install it, or remove the kind's jobs.")
        return self._by_name[name]

    def by_url(self) -> dict[str, AnyKind]:
        return {kind.url: kind for kind in self}

    def finish_of(self, name: str) -> Finish:
        """Returns how jobs of the kind end. A job whose kind is not registered ends as any other would."""
        kind = self._by_name.get(name)
        return kind.finish if kind else length_of_last_stage
