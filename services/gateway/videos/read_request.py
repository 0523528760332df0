"""Reads the body of `POST /v1/videos`."""

import base64
from collections.abc import AsyncIterator

from fastapi import Request

from services.gateway.assets.intake import take_chunks
from services.gateway.components import Components
from services.gateway.http.errors import invalid
from services.gateway.intake.body_schema import BodyFields
from services.gateway.intake.read_request import read_body
from services.gateway.videos.requests import VideoRequest

FIELDS = BodyFields(
    files={"input_reference": "image", "image": "image", "audio": "audio"},
    json=frozenset({"scenes", "output", "conversion", "avatar", "effects", "input_reference", "metadata"}),
)


async def read_request(request: Request, components: Components, workspace: str) -> VideoRequest:
    """Returns the request, with every file in it stored as an asset of the workspace."""
    body = await read_body(request, components, workspace, FIELDS)
    return await with_reference(VideoRequest.model_validate(body), components, workspace)


async def with_reference(request: VideoRequest, components: Components, workspace: str) -> VideoRequest:
    """Returns the request with the image of `input_reference` as its `image`: a data URL is stored as an
    asset."""
    reference = request.input_reference
    if reference is None or reference.image_url is None:
        return request.with_image()
    data = read_data_url(reference.image_url)
    asset = await take_chunks(components, workspace, "input_reference", single_chunk(data))
    return request.model_copy(update={"image": asset.id, "input_reference": None})


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
        return base64.b64decode(payload, validate=True)
    except ValueError as exc:
        raise invalid("image_url_invalid", "The data URL is not valid base64.", param) from exc


async def single_chunk(data: bytes) -> AsyncIterator[bytes]:
    yield data
