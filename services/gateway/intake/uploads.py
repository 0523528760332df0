"""Keeps the assets that a request brings only if the request is accepted."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated

import structlog
from fastapi import Depends, Request
from starlette.datastructures import UploadFile

from services.gateway.assets import repository
from services.gateway.assets.intake import blocks, list_asset, store_chunks
from services.gateway.assets.repository import Asset
from services.gateway.components import Components, Wired
from services.gateway.db.pool import TRANSIENT_ERRORS
from services.gateway.garbage.collector import discard
from services.gateway.http.auth import Workspace
from services.gateway.http.disconnect import while_connected

log = structlog.get_logger()


@dataclass(slots=True)
class Uploads:
    """Assets that are made of the files in one request, while its client is connected."""

    components: Components
    workspace: str
    request: Request
    taken: list[Asset] = field(default_factory=list[Asset])

    async def take(self, upload: UploadFile, *, sound_only: bool = False) -> str:
        """Stores an uploaded file as an asset and returns its id; of a video, with `sound_only`, its sound.

        Raises `AssetRefused`, and `ClientDisconnect` if the client leaves meanwhile.
        """
        filename = upload.filename or "upload"
        return await self.take_chunks(filename, blocks(upload), sound_only=sound_only)

    async def take_chunks(
        self, filename: str, chunks: AsyncIterator[bytes], *, sound_only: bool = False
    ) -> str:
        """Stores a file that arrives in chunks, as `take` does."""
        return await while_connected(self.request, self._take(filename, chunks, sound_only))

    async def _take(self, filename: str, chunks: AsyncIterator[bytes], sound_only: bool) -> str:
        asset = await store_chunks(self.components, self.workspace, filename, chunks, sound_only=sound_only)
        self.taken.append(asset)  # before it is listed, which may be interrupted
        await list_asset(self.components, asset)
        return asset.id

    def keep(self) -> None:
        """Keeps the assets, whatever the endpoint raises from now on: a job refers to them."""
        self.taken.clear()

    async def delete(self) -> None:
        """Deletes the assets. Their files leave the store later, unless others refer to them."""
        if not self.taken:
            return
        settings = self.components.settings
        due_at = self.components.clock() + timedelta(seconds=settings.garbage_delay_seconds)
        async with self.components.pool.acquire() as connection, connection.transaction():
            for asset in self.taken:
                await repository.delete(connection, self.workspace, asset.id)
            await discard(connection, [asset.artifact.key for asset in self.taken], due_at)


async def uploads_of_request(
    request: Request, workspace: Workspace, components: Wired
) -> AsyncGenerator[Uploads]:
    """Yields the request's uploads; deletes them if the endpoint raises, because nothing refers to them."""
    uploads = Uploads(components, workspace, request)
    try:
        yield uploads
    except BaseException:
        try:
            await uploads.delete()
        except TRANSIENT_ERRORS as exc:
            log.warning("uploads.not_deleted", count=len(uploads.taken), error=type(exc).__name__)
        raise


RequestUploads = Annotated[Uploads, Depends(uploads_of_request)]
