"""Kinds of jobs: how each is planned, finished, shown and redriven."""

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from fastapi import APIRouter

from services.gateway.http.errors import ApiError
from services.gateway.jobs.domain.copy_for_redrive import copy_for_redrive
from services.gateway.jobs.domain.job_plan import JobPlan
from services.gateway.jobs.domain.job_status import Finish, length_of_last_stage
from services.gateway.jobs.domain.models import EngineKey, Job
from services.gateway.jobs.request import JobRequest
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.serialize import JobView, job_fields

NAME = re.compile("[a-z][a-z0-9]*")
EVENT_FIELDS = ("type", "stage", "progress")
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
        now: datetime,
    ) -> Job: ...


@dataclass(frozen=True, slots=True)
class Refused:
    """A request that cannot be carried out, with everything that is wrong with it: at least one error."""

    errors: Sequence[ApiError]


Planned = JobPlan | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind(Generic[C, R]):
    """A kind of job. `C` is what `plan` needs of the gateway (its `Components`), `R` the kind's request."""

    name: str
    """The beginning of its jobs' ids and of the types of their events, and the `object` of the API."""
    url: str
    """The URL at which its jobs are created; the lines of a batch name it."""
    request: type[R]
    plan: Callable[[C, str, Sequence[R]], Awaitable[list[Planned]]]
    """Plans requests of one workspace, given by its id, or refuses them."""
    present: Callable[[Job, JobView], JobObject]
    variants: Mapping[str, str]
    """Files of a completed job: outputs of its last stage, with the suffixes of their usual names. The first
    is what a client gets that asks for none by name."""
    object_model: type[JobObject] = JobObject
    """Model of what `present` returns, for the description of the API."""
    suffixes: Mapping[str, str] = field(default_factory=dict[str, str])
    """Other suffixes by media type, for variants that come in several formats."""
    finish: Finish = length_of_last_stage
    """Returns the `result` of a completed job."""
    failed_field: Callable[[Job], str | None] = lambda job: None
    """Returns the field of the request that made a failed job fail, such as `scenes.2.script`."""
    redrive: Redrive = copy_for_redrive
    """Copies a failed job to be run again."""
    router: APIRouter = field(default_factory=APIRouter)
    """Endpoints of its own."""

    def __post_init__(self) -> None:
        """Raises `ValueError` for a name, URL or variants that the job core cannot work with."""
        # The name begins ids, whose parts an underscore separates, and is a field of events beside these.
        if not NAME.fullmatch(self.name) or self.name in EVENT_FIELDS:
            raise ValueError(
                f"{self.name!r} cannot be the name of a kind: use lower-case letters and digits."
            )
        if not self.url.startswith("/v1/") or not self.variants:
            raise ValueError(f"The kind {self.name!r} needs a URL below /v1/ and a variant of its content.")


AnyKind = JobKind[Any, Any]


def unknown_kind(name: str) -> ApiError:
    """Returns the refusal of what only the kind of a job could do, where that kind is not registered."""
    message = f"This gateway does not have the kind {name!r}. Install what brings it, or delete its jobs."
    return ApiError(409, "kind_unknown", message, "id")


class Kinds:
    """The registered kinds, by name and by URL."""

    def __init__(self, kinds: Iterable[AnyKind]) -> None:
        self._by_name = {kind.name: kind for kind in kinds}

    def __iter__(self) -> Iterator[AnyKind]:
        return iter(self._by_name.values())

    def __getitem__(self, name: str) -> AnyKind:
        if name not in self._by_name:
            raise unknown_kind(name)
        return self._by_name[name]

    def present(self, job: Job, view: JobView) -> JobObject:
        """Returns the job as its kind's own object, or, if its kind is not registered, without what only that
        kind knows."""
        kind = self._by_name.get(job.record.kind)
        if kind is None:
            return JobObject(**job_fields(job, view), object=job.record.kind)
        shown = kind.present(job, view)
        if shown.error is not None:
            shown.error.param = kind.failed_field(job)
        return shown

    def url_of(self, name: str) -> str:
        """Returns the URL below which jobs of the kind are found."""
        return self._by_name[name].url if name in self._by_name else "/v1/jobs"

    def by_url(self) -> dict[str, AnyKind]:
        return {kind.url: kind for kind in self}

    def finish_of(self, name: str) -> Finish:
        """Returns how jobs of the kind end. A job whose kind is not registered ends as any other would."""
        kind = self._by_name.get(name)
        return kind.finish if kind else length_of_last_stage
