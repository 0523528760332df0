"""The kind `banner`, with its resource `/v1/banners`."""

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from services.gateway.components import Components, Wired
from services.gateway.engines.limits import check_length
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.errors import ApiError
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.http.pagination import Page
from services.gateway.idempotency.create_once import IdempotencyKey
from services.gateway.intake.create_job import create_and_show
from services.gateway.jobs.domain.job_plan import JobPlan, PlannedStage
from services.gateway.jobs.domain.models import Job
from services.gateway.jobs.endpoints import add_job_routes
from services.gateway.jobs.kinds import JobKind, Planned, Refused
from services.gateway.jobs.request import JobRequest
from services.gateway.jobs.views.estimate import EstimateObject
from services.gateway.jobs.views.objects import JobObject
from services.gateway.jobs.views.serialize import JobView, job_fields


class BannerRequest(JobRequest):
    text: str = Field(min_length=1)
    colour: str = Field(default="#20a0ff", pattern="^#[0-9a-f]{6}$")


class BannerObject(JobObject):
    object: Literal["banner"] = "banner"  # pyright: ignore[reportIncompatibleVariableOverride] - read only
    text: str


class BannerList(Page[BannerObject]):
    pass


async def plan_banners(
    components: Components, workspace: str, requests: Sequence[BannerRequest]
) -> list[Planned]:
    return [plan_banner(components, request) for request in requests]


def plan_banner(components: Components, request: BannerRequest) -> JobPlan | Refused:
    try:
        engine = components.catalogue.engine("banner", None, "text")
        check_length("text", request.text, engine.limits.max_characters, "text")
    except ApiError as exc:
        return Refused([exc])
    return JobPlan(
        spec={"request": request.model_dump(mode="json", exclude_none=True), "text": request.text},
        stages=(PlannedStage("banner", engine, {"text": request.text, "colour": request.colour}, {}),),
        priority=request.priority_class,
        no_cache=request.no_cache,
        metadata=request.metadata,
    )


def present_banner(job: Job, view: JobView) -> BannerObject:
    return BannerObject(**job_fields(job, view), text=job.record.spec["text"])


router = APIRouter(
    prefix="/v1/banners", tags=["banners"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)


@router.post("", response_model=BannerObject | EstimateObject)
async def post_banner(
    body: BannerRequest, workspace: Workspace, components: Wired, idempotency_key: IdempotencyKey = None
) -> JobObject | EstimateObject:
    """Ask for a banner."""
    return await create_and_show(components, "banner", workspace, body, idempotency_key)


add_job_routes(router, BannerObject, BannerList)

BANNER: JobKind[Components, BannerRequest] = JobKind(
    name="banner",
    url="/v1/banners",
    request=BannerRequest,
    plan=plan_banners,
    present=present_banner,
    object_model=BannerObject,
    variants={"banner": ".svg"},
    router=router,
)
