"""`/v1/avatars`: portraits that are stored under a name, each with its face."""

import secrets
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.errors import LikenessError
from services.gateway.assets import repository as assets
from services.gateway.assets.schemas import Deleted
from services.gateway.avatars import repository
from services.gateway.avatars.inspector import Portrait
from services.gateway.avatars.repository import MAX_AVATARS, ImageDeleted, StoredAvatar
from services.gateway.avatars.schemas import Avatar, FaceChoice, Landmarks, face_of, landmarks_of
from services.gateway.components import Wired
from services.gateway.engines.limits import check_portrait
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Codes, errors, reasons
from services.gateway.http.errors import ApiError, invalid, not_found
from services.gateway.http.guarded_route import GuardedRoute
from services.gateway.http.inspection_errors import REFUSALS
from services.gateway.intake.references import References, asset_not_found

router = APIRouter(
    prefix="/v1/avatars", tags=["avatars"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)
NOT_FOUND: Codes = {404: "avatar_not_found"}


class NewAvatar(Avatar):
    """A portrait to be stored under a name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "Anna", "image": "asset_5f2b7c9d1e3a4b6c8d0e1f2a"},
                {
                    "name": "Tom the cat",
                    "image": "asset_0a1b2c3d4e5f6a7b8c9d0e1f",
                    "landmarks": {
                        "left_eye": [210, 240],
                        "right_eye": [330, 238],
                        "mouth_left": [235, 350],
                        "mouth_right": [305, 349],
                        "chin": [270, 400],
                    },
                },
            ]
        }
    )

    name: str = Field(min_length=1, max_length=200, description="What you call it; need not be unique.")


class AvatarObject(BaseModel):
    id: str
    object: Literal["avatar"] = "avatar"
    name: str
    image: str
    face: FaceChoice | None
    landmarks: Landmarks | None
    created_at: int

    @classmethod
    def of(cls, avatar: StoredAvatar) -> "AvatarObject":
        return cls(
            id=avatar.id,
            name=avatar.name,
            image=avatar.image,
            face=None if avatar.face is None else FaceChoice.model_validate(avatar.face),
            landmarks=None if avatar.landmarks is None else Landmarks.model_validate(avatar.landmarks),
            created_at=int(avatar.created_at.timestamp()),
        )


class AvatarList(BaseModel):
    object: Literal["list"] = "list"
    data: list[AvatarObject]


@router.post(
    "",
    status_code=201,
    responses=errors(
        {
            409: "too_many_avatars",
            422: ("asset_not_found", "asset_wrong_kind", "portrait_too_large"),
            503: "engine_unavailable",
        },
        reasons(*sorted(REFUSALS)),
    ),
)
async def create_avatar(body: NewAvatar, workspace: Workspace, components: Wired) -> AvatarObject:
    """Store a portrait. It is refused at once if no face is found where it should be."""
    async with components.pool.acquire() as connection:
        known = References(await assets.find(connection, workspace, [body.image]))
    image, engine = known.asset(body.image, "image", "image"), components.catalogue.engine("video", None, "")
    check_portrait(engine, image.media, "image")
    portrait = Portrait(image.artifact, engine.name, landmarks_of(body), face_of(body))
    try:
        await components.portraits.inspect(portrait)
    except LikenessError as exc:
        raise invalid(exc.reason.value, exc.message, "image") from exc
    avatar = StoredAvatar(
        id=f"avatar_{secrets.token_hex(12)}",
        workspace_id=workspace,
        name=body.name,
        image=body.image,
        face=body.face.model_dump(exclude_none=True) if body.face else None,
        landmarks=landmarks_of(body),
        created_at=components.clock(),
    )
    try:
        async with components.pool.acquire() as connection:
            stored = await repository.insert(connection, avatar)
    except ImageDeleted as exc:
        raise asset_not_found(body.image, "image") from exc
    if not stored:
        message = f"There are {MAX_AVATARS} avatars: as many as there may be. Delete one."
        raise ApiError(409, "too_many_avatars", message)
    return AvatarObject.of(avatar)


@router.get("")
async def list_avatars(workspace: Workspace, components: Wired) -> AvatarList:
    """List avatars, the newest first."""
    async with components.pool.acquire() as connection:
        stored = await repository.every(connection, workspace)
    return AvatarList(data=[AvatarObject.of(avatar) for avatar in stored])


@router.get("/{avatar_id}", responses=errors(NOT_FOUND))
async def get_avatar(avatar_id: str, workspace: Workspace, components: Wired) -> AvatarObject:
    """Get an avatar."""
    async with components.pool.acquire() as connection:
        stored = await repository.find(connection, workspace, [avatar_id])
    if avatar_id not in stored:
        raise not_found("avatar", avatar_id)
    return AvatarObject.of(stored[avatar_id])


@router.delete("/{avatar_id}", responses=errors(NOT_FOUND))
async def delete_avatar(avatar_id: str, workspace: Workspace, components: Wired) -> Deleted:
    """Delete the avatar; its image stays. Deleting an image deletes its avatars too."""
    async with components.pool.acquire() as connection:
        if not await repository.delete(connection, workspace, avatar_id):
            raise not_found("avatar", avatar_id)
    return Deleted(id=avatar_id, object="avatar.deleted")
