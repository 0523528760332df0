"""`/v1/jobs`: jobs of every kind; and the same endpoints below the URL of each kind, for that kind alone."""

import re
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import SerializeAsAny

from services.chassis.text.quoted import quoted
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.caching import NOT_MODIFIED
from services.gateway.http.declared import KIND, Codes, errors
from services.gateway.http.errors import ApiError, invalid, not_found
from services.gateway.http.files import redirect_to_file, safe_name
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.http.methods import is_head
from services.gateway.http.pagination import Page
from services.gateway.jobs.components import WiredJobs
from services.gateway.jobs.domain.models import Job, JobStatus
from services.gateway.jobs.event_stream import EventStream
from services.gateway.jobs.store import repository
from services.gateway.jobs.views.objects import JobDeleted, JobObject
from services.gateway.jobs.views.serialize import title_of

ALL_JOBS = "/v1/jobs"
CONTENT: Codes = {
    409: (
        f"{KIND}_not_ready",
        f"{KIND}_failed",
        f"{KIND}_cancelled",
        "variant_missing",
        "kind_unknown",
    ),
    422: "variant_unknown",
}
"""Errors of what a job has made."""
MAX_ID_DIGITS = 18
POLL_AFTER = {"openai-poll-after-ms": "500"}
METADATA_PARAMETER = re.compile(r"metadata\[(.+)\]", re.DOTALL)
METADATA_FILTER: dict[str, Any] = {
    "parameters": [
        {
            "name": "metadata",
            "in": "query",
            "style": "deepObject",
            "explode": True,
            "description": "Only jobs with these pairs, such as `metadata[campaign]=spring`.",
            "schema": {"type": "object", "additionalProperties": {"type": "string"}},
        }
    ]
}


class JobList(Page[SerializeAsAny[JobObject]]):
    """Jobs of every kind."""


def kind_of(request: Request, jobs: WiredJobs) -> str | None:
    """Returns the only kind that the request's URL shows; `None` below `/v1/jobs`, which shows all."""
    path = f"{request.url.path}/"
    return next((kind.name for kind in jobs.kinds if path.startswith(f"{kind.url}/")), None)


Kind = Annotated[str | None, Depends(kind_of)]


async def find_job(job_id: str, kind: Kind, workspace: Workspace, jobs: WiredJobs) -> Job:
    """Returns the workspace's job. Raises a 404 if there is none, or if it is of another kind."""
    async with jobs.pool.acquire() as connection:
        job = await repository.find_job(connection, workspace, job_id)
    if job is None or kind not in (None, job.record.kind):
        raise not_found(kind or "job", job_id)
    return job


FoundJob = Annotated[Job, Depends(find_job)]


def metadata_filter(request: Request) -> dict[str, str] | None:
    """Returns the pairs of `metadata[key]=value` in the query; `None` if there are none.

    Raises a 422 for a parameter that looks like one and is not, and for a key that is given twice.
    """
    pairs: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if not name.startswith("metadata"):
            continue
        match = METADATA_PARAMETER.fullmatch(name)
        if match is None or match[1] in pairs:
            message = f"{quoted(name)} is given twice, or is not metadata[key]=value. Give each key once."
            raise invalid("invalid_request", message, "metadata")
        pairs[match[1]] = value
    if any("\0" in text for pair in pairs.items() for text in pair):
        raise invalid("invalid_request", "metadata holds a NUL character. Leave it out.", "metadata")
    return pairs or None


async def list_jobs(
    request: Request,
    kind: Kind,
    workspace: Workspace,
    jobs: WiredJobs,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    batch_id: Annotated[str | None, Query(description="Only those of this batch.")] = None,
    status: Annotated[JobStatus | None, Query(description="Only those of this status.")] = None,
) -> JobList:
    """The newest first. Of a batch: in the order of its lines with `asc`, against it with `desc`."""
    part = repository.Listing(limit + 1, after, order == "asc", status, kind, metadata_filter(request))
    async with jobs.pool.acquire() as connection:
        if batch_id is None:
            found = await repository.list_jobs(connection, workspace, part)
        else:
            found = await repository.list_batch_jobs(connection, workspace, batch_id, part)
    return JobList.of(await jobs.presenter.present_all(found[:limit]), more=len(found) > limit)


async def get_job(job: FoundJob, jobs: WiredJobs, response: Response) -> JobObject:
    """Show the job, its stages, and why it waits."""
    response.headers.update(POLL_AFTER)
    return await jobs.presenter.present(job)


async def delete_job(job: FoundJob, jobs: WiredJobs) -> JobDeleted:
    """Cancel the job if it is under way, and delete it."""
    record = job.record
    if not await jobs.writer.delete(record.workspace_id, record.id):
        raise not_found(record.kind, record.id)
    return JobDeleted(id=record.id, object=f"{record.kind}.deleted")


async def cancel_job(job: FoundJob, jobs: WiredJobs) -> JobObject:
    """Stop all work on the job. One that has ended stays as it is."""
    record = job.record
    cancelled = await jobs.writer.cancel(record.workspace_id, [record.id])
    if not cancelled:
        raise not_found(record.kind, record.id)
    return await jobs.presenter.present(cancelled[0])


async def get_content(
    request: Request, job: FoundJob, jobs: WiredJobs, variant: str | None = None, inline: bool = False
) -> RedirectResponse:
    """Download a file of the job, under its title if it has one. Redirects to a URL of the object store that
    is valid for an hour; `ETag` is the SHA-256 of the file."""
    variants = jobs.kinds[job.record.kind].variants
    name = variant or next(iter(variants))
    if name not in variants:
        message = f"There is no variant {quoted(name)}. Choose one of {', '.join(variants)}."
        raise invalid("variant_unknown", message, "variant")
    require_completed(job)
    artifact = job.stages[-1].outputs.get(name)
    if artifact is None:
        raise ApiError(409, "variant_missing", f"This {job.record.kind} has no {name}.", "variant")
    suffix = jobs.kinds[job.record.kind].suffixes.get(artifact.media_type, variants[name])
    return await redirect_to_file(
        request,
        jobs.store,
        artifact,
        safe_name(title_of(job), suffix, fallback=job.record.id),
        expires_seconds=jobs.settings.content_url_seconds,
        inline=inline,
    )


def require_completed(job: Job) -> None:
    """Raises a 409 that says what has become of the job, unless it has completed."""
    record = job.record
    kind = record.kind
    match record.status:
        case JobStatus.COMPLETED:
            return
        case JobStatus.FAILED:
            reason = record.failure.message if record.failure else ""
            raise ApiError(409, f"{kind}_failed", f"The {kind} has failed: {reason}", "id")
        case JobStatus.CANCELLED:
            raise ApiError(409, f"{kind}_cancelled", f"The {kind} was cancelled: it has no content.", "id")
        case _:
            message = f"The {kind} is {record.progress}% done. Poll it, or follow its events."
            raise ApiError(409, f"{kind}_not_ready", message, "id", retry_later=True)


def event_id(last_event_id: Annotated[str | None, Header()] = None) -> int:
    if last_event_id is None:
        return 0
    if not (last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= MAX_ID_DIGITS):
        raise invalid("invalid_event_id", "Last-Event-ID is not an id of this stream.", "last-event-id")
    return int(last_event_id)


async def get_events(
    request: Request, job: FoundJob, jobs: WiredJobs, after: Annotated[int, Depends(event_id)]
) -> AsyncIterator[ServerSentEvent]:
    """Server-sent events until the job has ended. `Last-Event-ID` goes on where a stream broke off."""
    if is_head(request.scope):
        return
    stream = EventStream(jobs.pool, jobs.presenter, jobs.notifications)
    async for event in stream.follow(job.record.workspace_id, job.record.id, after):
        if event is None:
            yield ServerSentEvent(comment="waiting")
        else:
            yield ServerSentEvent(id=str(event.id), event=event.type, data=event.data)


def add_job_routes(router: APIRouter, model: Any, page: type[Page[Any]]) -> None:
    """Adds list, get, delete, cancel, content and events to a router whose prefix is a kind's URL.

    `model` describes one job in the API's schema: the kind's own object; `page` a list of them.
    """
    found = {404: "job_not_found" if router.prefix == ALL_JOBS else f"{KIND}_not_found"}
    deleted = {404: f"{KIND}_not_found"}  # between its reading and the change
    router.add_api_route("", list_jobs, methods=["GET"], response_model=page, openapi_extra=METADATA_FILTER)
    router.add_api_route("/{job_id}", get_job, methods=["GET"], response_model=model, responses=errors(found))
    router.add_api_route(
        "/{job_id}",
        delete_job,
        methods=["DELETE"],
        response_model=JobDeleted,
        responses=errors(found, deleted),
    )
    router.add_api_route(
        "/{job_id}/cancel",
        cancel_job,
        methods=["POST"],
        response_model=model,
        responses=errors(found, deleted),
    )
    router.add_api_route(
        "/{job_id}/content",
        get_content,
        methods=["GET"],
        response_class=RedirectResponse,
        status_code=302,
        responses=NOT_MODIFIED | errors(found, CONTENT),
    )
    router.add_api_route(
        "/{job_id}/events",
        get_events,
        methods=["GET"],
        response_class=EventSourceResponse,
        responses=errors(found, {422: "invalid_event_id"}),
    )


router = APIRouter(prefix=ALL_JOBS, tags=["jobs"], dependencies=REQUIRES_KEY, route_class=GuardedRoute)
add_job_routes(router, SerializeAsAny[JobObject], JobList)
