"""Makes assets of uploaded files: spools them to disk, probes them, and stores them by their content."""

import asyncio
import secrets
import tempfile
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from starlette.datastructures import UploadFile

from services.gateway.assets import repository
from services.gateway.assets.errors import AssetRefused
from services.gateway.assets.lossless import FLAC, write_flac
from services.gateway.assets.media import MediaLimits, ProbedMedia
from services.gateway.assets.probe import probe
from services.gateway.assets.repository import Asset
from services.gateway.components import Components
from services.gateway.http.errors import not_found

BLOCK_BYTES = 1 << 20


async def take_upload(components: Components, workspace: str, upload: UploadFile) -> Asset:
    """Stores an uploaded file as an asset. Raises `AssetRefused` with the reason; nothing is stored then."""
    return await take_chunks(components, workspace, upload.filename or "upload", blocks(upload))


async def take_presigned(components: Components, workspace: str, upload_id: str) -> Asset:
    """Stores the file that the client has PUT to the store as an asset; the raw object is deleted in any
    case.

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
    try:
        if size > limit:
            raise too_large(limit)
        with upload_folder() as folder:
            await components.store.download(key, folder / "upload")
            return await take_file(components, workspace, filename, folder / "upload")
    finally:
        await components.store.delete(key)
        async with components.pool.acquire() as connection:
            await repository.delete_upload(connection, workspace, upload_id)


async def take_chunks(
    components: Components, workspace: str, filename: str, chunks: AsyncIterator[bytes]
) -> Asset:
    """Stores a file that arrives in chunks as an asset. Raises `AssetRefused`; nothing is stored then."""
    with upload_folder() as folder:
        await spool(folder / "upload", chunks, components.settings.max_upload_bytes)
        return await take_file(components, workspace, filename, folder / "upload")


@contextmanager
def upload_folder() -> Generator[Path]:
    """Yields a temporary folder, which is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="likeness-upload-") as folder:
        yield Path(folder)


async def take_file(components: Components, workspace: str, filename: str, path: Path) -> Asset:
    """Stores a file on the disk as an asset. Raises `AssetRefused`."""
    path, media = await readable_by_engines(components, path)
    artifact = await components.store.put_file(workspace, path, media.media_type)
    asset = Asset(
        id=f"asset_{secrets.token_hex(12)}",
        workspace_id=workspace,
        filename=Path(filename).name[:200],
        artifact=artifact,
        media=media,
        created_at=components.clock(),
    )
    async with components.pool.acquire() as connection:
        await repository.insert(connection, asset)
    return asset


async def readable_by_engines(components: Components, path: Path) -> tuple[Path, ProbedMedia]:
    """Probes the file. Returns one that engines read, the same or a converted one, with its properties.

    Raises `AssetRefused`.
    """
    settings = components.settings
    limits = MediaLimits(settings.max_upload_bytes, settings.max_image_pixels, settings.max_media_seconds)
    media = await asyncio.to_thread(probe, path, limits)
    if not media.as_is:
        return await as_flac(path, media)
    return path, media


async def as_flac(path: Path, media: ProbedMedia) -> tuple[Path, ProbedMedia]:
    flac = path.with_suffix(".flac")
    await asyncio.to_thread(write_flac, path, flac)
    return flac, replace(media, media_type=FLAC, as_is=True)


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
            await asyncio.to_thread(file.write, chunk)


async def blocks(upload: UploadFile) -> AsyncIterator[bytes]:
    while block := await upload.read(BLOCK_BYTES):
        yield block
