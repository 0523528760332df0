"""Resolves a request for audio: finds the assets, engines and voices that it names, or refuses it."""

from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.spec import AudioSpec
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import invalid
from services.gateway.http.refusals import Refusals
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings
from services.gateway.speech.requests import SpeechFields, named_where_given, paths_of, with_defaults
from services.gateway.speech.resolve import SpeechResolver
from services.gateway.speech.spec import SpeechSpec


def resolve(
    request: AudioRequest, references: References, catalogue: Catalogue, settings: GatewaySettings
) -> AudioSpec:
    """Returns the spec of the request. Raises `ApiError` with everything that is wrong. Does no I/O."""
    scenes = request.scene_fields
    if len(scenes) > settings.max_scenes:
        message = f"An audio job has at most {settings.max_scenes} scenes; this one has {len(scenes)}."
        raise invalid("too_many_scenes", message, "scenes")
    resolver, refusals = SpeechResolver(references, catalogue, settings), Refusals()
    resolved = [
        refusals.attempt(lambda scene=scene, path=path: resolve_scene(resolver, request, scene, path))
        for path, scene in paths_of(scenes, many=request.scenes is not None)
    ]
    refusals.raise_if_any()
    return AudioSpec(
        tuple(scene.result for scene in resolved),
        mux=catalogue.audio_mux("output"),
        format=request.output.format,
        loudness_lufs=request.output.loudness_lufs,
        gap_seconds=request.output.gap_seconds,
    )


def resolve_scene(
    resolver: SpeechResolver, request: AudioRequest, scene: SpeechFields, path: str
) -> SpeechSpec:
    fields, refusals = with_defaults(scene, request), Refusals()
    speech = refusals.attempt(lambda: resolver.source(fields, path))
    conversion = refusals.attempt(lambda: resolver.conversion(fields, path))
    effects = refusals.attempt(lambda: resolver.effects(fields, path))
    with named_where_given(scene, request, path):
        refusals.raise_if_any()
    return SpeechSpec(
        speech=speech.result,
        recording_seconds=resolver.recording_seconds(fields, path),
        conversion=conversion.result,
        effects=effects.result,
    )
