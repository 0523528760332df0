"""Makes assets of uploaded files: spools them to disk, probes them, and stores them by their content."""

import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog
from starlette.datastructures import UploadFile

from services.chassis.aio import in_thread
from services.chassis.disk import temporary_folder
from services.chassis.errors import StoreUnavailable
from services.chassis.storage import Artifact
from services.gateway.assets import repository
from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.repository import Asset
from services.gateway.components import Components
from services.gateway.garbage.collector import discard
from services.gateway.http.errors import not_found

BLOCK_BYTES = 1 << 20
STORING_SECONDS = 6 * 3600.0
"""Time until an object that was put is deleted unless a row refers to it: longer than any put can take."""
log = structlog.get_logger()


async def take_upload(
    components: Components, workspace: str, upload: UploadFile, *, sound_only: bool = False
) -> Asset:
    """Stores an uploaded file as an asset; of a video, with `sound_only`, its sound.

    Raises `AssetRefused` with the reason; nothing is stored then.
    """
    filename = upload.filename or "upload"
    asset = await store_chunks(components, workspace, filename, blocks(upload), sound_only=sound_only)
    await list_asset(components, asset)
    return asset


async def take_presigned(components: Components, workspace: str, upload_id: str) -> Asset:
    """Stores the file that the client has PUT to the store as an asset; the raw object is deleted, and the
    upload completed, unless the gateway is too busy to read it.

    Raises a 404 if there is no such upload, `AssetRefused` if its file is missing or cannot be used.
    """
    async with components.pool.acquire() as connection:
        found = await repository.find_upload(connection, workspace, upload_id)
    if found is None:
        raise not_found("upload", upload_id)
    key, filename = found
    size = await components.store.head(key)
    if size is None:
        raise AssetRefused(
            409, "upload_missing", "Nothing has been uploaded yet: PUT the file to the upload's URL first."
        )
    limit = components.settings.max_upload_bytes
    if size > limit:
        await complete(components, workspace, upload_id, key)
        raise too_large(limit)
    with components.admission.admitted(workspace, size), upload_folder() as folder:
        await components.store.download(key, folder / "upload")
        try:
            asset = await store_file(components, workspace, filename, folder / "upload")
        except AssetRefused:
            await complete(components, workspace, upload_id, key)
            raise
    await complete(components, workspace, upload_id, key, asset)
    return asset


async def complete(
    components: Components, workspace: str, upload_id: str, key: str, asset: Asset | None = None
) -> None:
    """Lists the asset that was made of a presigned upload, if one was, and deletes the raw object. A store
    that does not answer leaves that to the garbage collector.

    Raises a 404 if the upload was completed meanwhile: one makes one asset.
    """
    async with components.pool.acquire() as connection, connection.transaction():
        if not await repository.complete_upload(connection, workspace, upload_id, components.clock()):
            raise not_found("upload", upload_id)
        if asset is not None:
            await repository.insert(connection, asset)
    try:
        await components.store.delete(key)
    except StoreUnavailable as exc:
        log.warning("upload.not_deleted", upload_id=upload_id, error=str(exc))


async def store_chunks(
    components: Components,
    workspace: str,
    filename: str,
    chunks: AsyncIterator[bytes],
    *,
    sound_only: bool = False,
) -> Asset:
    """Stores a file that arrives in chunks. Returns its asset, which is not listed yet. Raises
    `AssetRefused`; nothing is stored then."""
    with upload_folder() as folder:
        await spool(folder / "upload", chunks, components.settings.max_upload_bytes)
        path = folder / "upload"
        return await store_file(components, workspace, filename, path, sound_only=sound_only)


def upload_folder() -> AbstractContextManager[Path]:
    """Returns a temporary folder, which is removed in the end. In it a full disk raises `DiskFull`."""
    return temporary_folder("likeness-upload-")


async def list_asset(components: Components, asset: Asset) -> None:
    async with components.pool.acquire() as connection:
        await repository.insert(connection, asset)


async def store_file(
    components: Components, workspace: str, filename: str, path: Path, *, sound_only: bool = False
) -> Asset:
    """Puts a file into the store. Returns its asset, which is not listed yet. Raises `AssetRefused`."""
    async with components.prober.probed(workspace, path, sound_only=sound_only) as (readable, media):
        artifact = await put_file(components, workspace, readable, media.media_type)
    return Asset(
        id=f"asset_{secrets.token_hex(12)}",
        workspace_id=workspace,
        filename=Path(filename).name[:200],
        artifact=artifact,
        media=media,
        created_at=components.clock(),
    )


async def put_file(components: Components, workspace: str, path: Path, media_type: str) -> Artifact:
    """Puts a file into the store. Its object is listed as garbage before, so that it does not stay if the
    client leaves, or this process ends, before a row refers to it."""
    artifact = await components.store.identify(workspace, path, media_type)
    await discard_later(components, [artifact], STORING_SECONDS)
    return await components.store.put_file(workspace, path, media_type)


async def discard_later(components: Components, artifacts: Iterable[Artifact], seconds: float) -> None:
    """Lists the artifacts to be deleted after some seconds, whatever becomes of this process."""
    due_at = components.clock() + timedelta(seconds=seconds)
    async with components.pool.acquire() as connection:
        await discard(connection, [artifact.key for artifact in artifacts], due_at)


def too_large(limit: int) -> AssetRefused:
    megabytes = limit / 2**20
    return AssetRefused(
        413,
        "file_too_large",
        f"The file is larger than the limit of {megabytes:.0f} MiB. Shorten or compress it.",
    )


async def spool(path: Path, chunks: AsyncIterator[bytes], limit: int) -> None:
    """Writes the chunks to a file. Raises `AssetRefused` if they are more than `limit` bytes."""
    size = 0
    with path.open("wb") as file:
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            await in_thread(partial(file.write, chunk))


async def blocks(upload: UploadFile) -> AsyncIterator[bytes]:
    while block := await upload.read(BLOCK_BYTES):
        yield block
