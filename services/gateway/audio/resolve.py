"""Resolves a request for audio: finds the assets, engines and voices that it names, or refuses it."""

from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.spec import AudioSpec
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import invalid
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings
from services.gateway.speech.requests import SpeechFields, with_defaults
from services.gateway.speech.resolve import SpeechResolver
from services.gateway.speech.spec import SpeechSpec


def resolve(
    request: AudioRequest, references: References, catalogue: Catalogue, settings: GatewaySettings
) -> AudioSpec:
    """Returns the spec of the request. Raises `ApiError` with the field that is wrong. Does no I/O."""
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
        mux=catalogue.audio_mux("output"),
        format=request.output.format,
        loudness_lufs=request.output.loudness_lufs,
        gap_seconds=request.output.gap_seconds,
    )


def resolve_scene(resolver: SpeechResolver, fields: SpeechFields, path: str) -> SpeechSpec:
    return SpeechSpec(
        speech=resolver.source(fields, path),
        recording_seconds=resolver.recording_seconds(fields, path),
        conversion=resolver.conversion(fields, path),
        effects=resolver.effects(fields, path),
    )
