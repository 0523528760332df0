"""Resolves a request for audio: names become assets, engines and voices, or a refusal that says what to
do."""

from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.spec import AudioSpec
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import invalid
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings
from services.gateway.speech.requests import SHARED_FIELDS, SpeechFields
from services.gateway.speech.resolve import SpeechResolver
from services.gateway.speech.spec import SpeechSpec


def resolve(
    request: AudioRequest, references: References, catalogue: Catalogue, settings: GatewaySettings
) -> AudioSpec:
    """Raises `ApiError` with the field that is wrong. Reads nothing."""
    scenes = request.scene_fields
    if len(scenes) > settings.max_scenes:
        message = f"An audio job has at most {settings.max_scenes} scenes; this one has {len(scenes)}."
        raise invalid("too_many_scenes", message, "scenes")
    resolver = SpeechResolver(references, catalogue, settings)
    many = request.scenes is not None
    return AudioSpec(
        tuple(
            resolve_scene(resolver, with_defaults(scene, request), f"scenes.{number}." if many else "")
            for number, scene in enumerate(scenes)
        ),
        mux=catalogue.engine("mux", None, "output"),
        format=request.output.format,
        loudness_lufs=request.output.loudness_lufs,
        gap_seconds=request.output.gap_seconds,
    )


def resolve_scene(resolver: SpeechResolver, fields: SpeechFields, path: str) -> SpeechSpec:
    return SpeechSpec(
        speech=resolver.source(fields, path),
        conversion=resolver.conversion(fields, path),
        effects=resolver.effects(fields, path),
    )


def with_defaults(scene: SpeechFields, request: AudioRequest) -> SpeechFields:
    """Returns the scene with the fields that it leaves out taken from the request: all but what is said."""
    inherited = {name: getattr(request, name) for name in SHARED_FIELDS if getattr(scene, name) is None}
    return scene.model_copy(update=inherited)
