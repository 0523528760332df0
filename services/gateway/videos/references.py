"""Has the voice service listen to the speakers to move towards, before a video is accepted."""

import structlog

from services.chassis.errors import LikenessError, Reason
from services.gateway.errors import invalid
from services.gateway.speech.conversion_client import ConversionClient
from services.gateway.videos.spec import VideoSpec

REFUSALS = frozenset({Reason.MEDIA_UNREADABLE, Reason.INVALID_ARGUMENT})
log = structlog.get_logger()


async def inspect_references(client: ConversionClient, spec: VideoSpec, *, many: bool) -> None:
    """Raises a 422 for a reference that is too short, noisy or clipped. `many`: the request has scenes.

    A service that cannot answer now refuses nothing: the stage itself will find out.
    """
    heard: set[str] = set()
    for number, scene in enumerate(spec.scenes):
        conversion = scene.conversion
        if conversion is None or conversion.reference is None or conversion.reference.sha256 in heard:
            continue
        heard.add(conversion.reference.sha256)
        try:
            await client.inspect(conversion.engine.name, conversion.reference)
        except LikenessError as exc:
            if exc.reason in REFUSALS:
                prefix = f"scenes.{number}." if many else ""
                raise invalid("reference_invalid", exc.message, f"{prefix}conversion.reference") from exc
            log.warning("reference_not_inspected", reason=exc.reason, error=exc.message)
