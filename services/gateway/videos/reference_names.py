"""What a request mentions: assets, effects and texts. Pure."""

from collections.abc import Iterable, Iterator

from services.gateway.avatars.schemas import Avatar
from services.gateway.effects.chains import names_in
from services.gateway.videos.requests import SpeechFields, VideoRequest


def parts_of(request: VideoRequest) -> Iterator[SpeechFields]:
    """The request itself, whose fields are its scenes' too, and its scenes."""
    yield request
    yield from request.scenes or ()


def asset_ids(request: VideoRequest) -> set[str]:
    """Every asset that the request names."""
    ids: set[str | None] = {request.input_reference.file_id} if request.input_reference else set()
    for fields in parts_of(request):
        ids |= {fields.image, fields.audio}
        ids |= {fields.avatar.image} if isinstance(fields.avatar, Avatar) else set()
        ids |= {fields.conversion.reference} if fields.conversion else set()
    ids |= {request.output.background_asset}
    return {asset_id for asset_id in ids if asset_id is not None}


def avatar_ids(request: VideoRequest) -> set[str]:
    """Every stored avatar that the request names."""
    return {fields.avatar for fields in parts_of(request) if isinstance(fields.avatar, str)}


def effect_names(request: VideoRequest) -> set[str]:
    return names_in(fields.effects for fields in parts_of(request))


def text_of(fields: SpeechFields) -> str | None:
    """What is said. A prompt is, if nothing else is and nobody says how long it is acted."""
    if fields.script is not None or is_silent(fields):
        return fields.script
    return fields.prompt


def is_silent(fields: SpeechFields) -> bool:
    """Its prompt is acted for so many seconds, and nothing is said."""
    unsaid = fields.script is None and fields.audio is None
    return unsaid and fields.prompt is not None and fields.seconds is not None


def scripts_of(request: VideoRequest) -> Iterable[str]:
    """What is said, in order; recordings are left out."""
    for fields in request.scenes or (request,):
        if fields.audio is None and (text := text_of(fields)):
            yield text


def texts_of(request: VideoRequest) -> Iterable[str]:
    """What is said and, of what is silent, what is done."""
    for fields in request.scenes or (request,):
        text = fields.prompt if is_silent(fields) else text_of(fields)
        if fields.audio is None and text:
            yield text
