"""Reads the body of `POST /v1/videos`."""

import base64
from collections.abc import AsyncIterator

from fastapi import Request

from services.chassis.aio import off_loop
from services.gateway.http.errors import invalid
from services.gateway.intake.body_schema import BodyFields
from services.gateway.intake.read_request import read_body
from services.gateway.intake.uploads import Uploads
from services.gateway.videos.requests import VideoRequest

FIELDS = BodyFields(
    files={"input_reference": "image", "image": "image", "audio": "audio"},
    json=frozenset({"scenes", "output", "conversion", "avatar", "effects", "input_reference", "metadata"}),
)

PART = 1 << 20
"""Characters that are decoded at once, whole groups of four: a large image would hold Python's lock."""


async def read_request(request: Request, uploads: Uploads) -> VideoRequest:
    """Returns the request, with every file in it stored as an asset of the workspace."""
    body = await read_body(request, uploads, FIELDS)
    return await with_reference(VideoRequest.model_validate(body), uploads)


async def with_reference(request: VideoRequest, uploads: Uploads) -> VideoRequest:
    """Returns the request with the image of `input_reference` as its `image`: a data URL is stored as an
    asset."""
    reference = request.input_reference
    if reference is None or reference.image_url is None:
        return request.with_image()
    url = reference.image_url
    data = await off_loop(lambda: read_data_url(url), len(url))
    asset_id = await uploads.take_chunks("input_reference", single_chunk(data))
    return request.model_copy(update={"image": asset_id, "input_reference": None})


def read_data_url(url: str) -> bytes:
    """Returns the bytes of a base64 data URL. Raises a 422 for any other URL."""
    head, _, payload = url.partition(",")
    param = "input_reference.image_url"
    if not head.startswith("data:") or not head.endswith(";base64"):
        message = (
            "Only data URLs (data:image/png;base64,…) are taken. Upload other images with POST /v1/assets."
        )
        raise invalid("image_url_unsupported", message, param)
    try:
        parts = (payload[start : start + PART] for start in range(0, len(payload), PART))
        return b"".join(base64.b64decode(part, validate=True) for part in parts)
    except ValueError as exc:
        raise invalid("image_url_invalid", "The data URL is not valid base64.", param) from exc


async def single_chunk(data: bytes) -> AsyncIterator[bytes]:
    yield data
