"""`/v1/assets`: images and recordings that videos are made from."""

import secrets
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from fastapi.responses import RedirectResponse

from services.gateway.assets import repository
from services.gateway.assets.errors import UPLOAD
from services.gateway.assets.intake import take_presigned, take_upload, too_large
from services.gateway.assets.media import SUFFIXES
from services.gateway.assets.repository import Asset, Upload
from services.gateway.assets.schemas import AssetList, AssetObject, Deleted, UploadObject, UploadRequest
from services.gateway.components import Components, Wired
from services.gateway.garbage.collector import discard
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.caching import NOT_MODIFIED, REVALIDATED, etag_of
from services.gateway.http.declared import Codes, errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import ApiError, not_found
from services.gateway.http.files import redirect_to_file, safe_name
from services.gateway.http.guarded_route import UploadRoute

router = APIRouter(prefix="/v1/assets", tags=["assets"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
NOT_FOUND: Codes = {404: "asset_not_found"}


@router.post("", status_code=201, responses=errors(UPLOAD))
async def create_asset(
    file: Annotated[UploadFile, File(description="An image, a recording or a video.")],
    workspace: Workspace,
    components: Wired,
    request: Request,
    sound_only: Annotated[bool, Query(description="Take the sound of a video, as a recording.")] = False,
) -> AssetObject:
    """Upload a file. Its type is decided by its content; a file that cannot be read is refused."""
    return AssetObject.of(
        await while_connected(request, take_upload(components, workspace, file, sound_only=sound_only))
    )


@router.post(
    "/uploads", status_code=201, responses=errors({409: "too_many_open_uploads", 413: "file_too_large"})
)
async def create_upload(body: UploadRequest, workspace: Workspace, components: Wired) -> UploadObject:
    """Get a URL for sending a large file straight to the object store."""
    settings = components.settings
    if body.bytes > settings.max_upload_bytes:
        raise too_large(settings.max_upload_bytes)
    upload_id = f"upload_{secrets.token_hex(12)}"
    key = f"{workspace}/uploads/{upload_id}"
    expires = settings.content_url_seconds
    url = await components.store.presign_put(
        key, media_type=body.media_type, size_bytes=body.bytes, expires_seconds=expires
    )
    upload = Upload(upload_id, workspace, key, body.filename, components.clock())
    async with components.pool.acquire() as connection:
        if not await repository.insert_upload(connection, upload, settings.max_open_uploads):
            message = (
                f"{settings.max_open_uploads} uploads of the workspace are not completed. Complete them: "
                f"one is dropped after {settings.upload_keep_seconds / 3600:g} hours."
            )
            raise ApiError(409, "too_many_open_uploads", message)
    return UploadObject(
        id=upload_id,
        url=url,
        headers={"Content-Type": body.media_type},
        expires_at=int(components.clock().timestamp()) + expires,
    )


@router.post(
    "/uploads/{upload_id}/complete",
    status_code=201,
    responses=errors(UPLOAD, {404: "upload_not_found", 409: ("upload_missing", "artifact_missing")}),
)
async def complete_upload(
    upload_id: str, workspace: Workspace, components: Wired, request: Request
) -> AssetObject:
    """Make an asset of the file that was sent to the upload's URL."""
    return AssetObject.of(await while_connected(request, take_presigned(components, workspace, upload_id)))


@router.get("")
async def list_assets(
    workspace: Workspace,
    components: Wired,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> AssetList:
    """List assets, the newest first."""
    async with components.pool.acquire() as connection:
        assets = await repository.page(connection, workspace, after, limit + 1)
    return AssetList(data=[AssetObject.of(asset) for asset in assets[:limit]], has_more=len(assets) > limit)


@router.get("/{asset_id}", responses=NOT_MODIFIED | errors(NOT_FOUND))
async def get_asset(
    asset_id: str, workspace: Workspace, components: Wired, response: Response
) -> AssetObject:
    """Get an asset. Its `ETag` is the SHA-256 of the file."""
    asset = await find_asset(components, workspace, asset_id)
    response.headers.update({"etag": etag_of(asset.artifact.sha256), "cache-control": REVALIDATED})
    return AssetObject.of(asset)


@router.get(
    "/{asset_id}/content",
    response_class=RedirectResponse,
    status_code=302,
    responses=NOT_MODIFIED | errors(NOT_FOUND),
)
async def get_asset_content(
    asset_id: str,
    request: Request,
    workspace: Workspace,
    components: Wired,
    inline: Annotated[bool, Query(description="Show it in the browser instead of saving it.")] = False,
) -> RedirectResponse:
    """Download the file. Redirects to a URL of the object store that is valid for an hour; `ETag` is the
    SHA-256 of the file."""
    asset = await find_asset(components, workspace, asset_id)
    return await redirect_to_file(
        request,
        components.store,
        asset.artifact,
        safe_name(asset.filename, SUFFIXES[asset.artifact.media_type], fallback=asset.id),
        expires_seconds=components.settings.content_url_seconds,
        inline=inline,
    )


@router.delete("/{asset_id}", responses=errors(NOT_FOUND))
async def delete_asset(asset_id: str, workspace: Workspace, components: Wired) -> Deleted:
    """Delete the asset. Videos that were made from it stay, and those under way are finished."""
    due_at = components.clock() + timedelta(seconds=components.settings.garbage_delay_seconds)
    async with components.pool.acquire() as connection, connection.transaction():
        key = await repository.delete(connection, workspace, asset_id)
        if key is None:
            raise not_found("asset", asset_id)
        await discard(connection, [key], due_at)
    return Deleted(id=asset_id, object="asset.deleted")


async def find_asset(components: Components, workspace: str, asset_id: str) -> Asset:
    """Returns the workspace's asset. Raises a 404 if there is none."""
    async with components.pool.acquire() as connection:
        found = await repository.find(connection, workspace, [asset_id])
    if asset_id not in found:
        raise not_found("asset", asset_id)
    return found[asset_id]
