"""Plans requests of one kind together: their references are read at once, and each file is inspected once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, TypeVar

from services.chassis.aio import off_loop
from services.gateway.components import Components
from services.gateway.http.errors import ApiError, invalid
from services.gateway.intake.language import load_languages
from services.gateway.intake.preflight import Preflight, Question
from services.gateway.intake.references import ReferenceNames, References, read_references
from services.gateway.jobs.domain.job_plan import JobPlan, PlannedStage
from services.gateway.jobs.domain.models import Priority
from services.gateway.jobs.kinds import Planned, Refused


class NamesReferences(Protocol):
    """A request that names assets, avatars, effects or words of its workspace."""

    no_cache: bool
    metadata: dict[str, str] | None

    @property
    def priority_class(self) -> Priority: ...

    def reference_names(self) -> ReferenceNames: ...


R = TypeVar("R", bound=NamesReferences)
CHARACTERS_PER_SCENE = 2000
"""A scene costs the planning about as much as so many characters of its script."""


@dataclass(frozen=True, slots=True)
class Plannable:
    """A resolved request: the spec that is stored of it, its stages, and the questions that must be answered
    before it is accepted."""

    spec: Mapping[str, Any]
    stages: tuple[PlannedStage, ...]
    questions: Sequence[Question]


async def plan_requests(
    components: Components,
    workspace: str,
    requests: Sequence[R],
    prepare: Callable[[R, References], Plannable],
) -> list[Planned]:
    """Returns a plan or a refusal for each request.

    `prepare` resolves one request; it raises `ApiError`. Requests that it refuses do not keep the services
    from inspecting the others, so that everything that is wrong is told at once.
    """
    prepared = await prepare_all(components, workspace, requests, prepare)
    preflight = Preflight()
    await preflight.ask(
        question for each in prepared if isinstance(each, Plannable) for question in each.questions
    )
    return [
        each if isinstance(each, Refused) else judged(request, each, preflight)
        for request, each in zip(requests, prepared, strict=True)
    ]


async def prepare_all(
    components: Components,
    workspace: str,
    requests: Sequence[R],
    prepare: Callable[[R, References], Plannable],
) -> list[Plannable | Refused]:
    """Reads all references of the requests, and resolves or refuses each request: one with long scripts while
    the event loop goes on."""
    longest = components.settings.max_script_characters
    names = [request.reference_names() for request in requests]
    if any(named.guesses_language for named in names):
        await load_languages()
    references = await read_references(components.pool, workspace, names, longest)
    prepared: list[Plannable | Refused] = []
    for request, named in zip(requests, names, strict=True):
        size = sum(map(len, named.scripts)) + len(named.scripts) * CHARACTERS_PER_SCENE
        if (refusal := too_much_said(named.scripts, components.settings.max_job_characters)) is not None:
            prepared.append(Refused([refusal]))
            continue
        work = partial(prepared_or_refused, request, references, prepare)
        prepared.append(await off_loop(work, size))
        await asyncio.sleep(0)  # a thousand requests take a while: other tasks run in between
    return prepared


def too_much_said(scripts: Sequence[str], longest: int) -> ApiError | None:
    """Returns the refusal of a job whose scripts are longer than `longest` together."""
    total = sum(map(len, scripts))
    if total <= longest:
        return None
    message = (
        f"The scripts of a job have at most {longest} characters together; these have {total}. "
        "Make several jobs of it."
    )
    return invalid("job_too_long", message, "scenes")


def prepared_or_refused(
    request: R, references: References, prepare: Callable[[R, References], Plannable]
) -> Plannable | Refused:
    try:
        return prepare(request, references)
    except ApiError as exc:
        return Refused([exc])


def judged(request: NamesReferences, plannable: Plannable, preflight: Preflight) -> JobPlan | Refused:
    """Returns the plan, or the refusals of the services."""
    if refusals := preflight.refusals_of(plannable.questions):
        return Refused(refusals)
    return JobPlan(
        spec=plannable.spec,
        stages=plannable.stages,
        priority=request.priority_class,
        no_cache=request.no_cache,
        metadata=request.metadata,
        warnings=preflight.warnings_of(plannable.questions),
    )
