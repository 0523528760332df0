"""Resolves a request for a video: finds the assets, engines and voices that it names, or refuses it."""

from dataclasses import replace

from services.chassis.engine_api.spec import EngineLimits, EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.storage import Artifact
from services.gateway.assets.repository import Asset
from services.gateway.avatars.schemas import face_of, landmarks_of
from services.gateway.engines.catalogue import Catalogue
from services.gateway.engines.limits import check_length, check_portrait, check_seconds
from services.gateway.http.errors import invalid
from services.gateway.http.refusals import Refusals
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings
from services.gateway.speech.requests import SHARED_FIELDS, named_where_given, paths_of, with_defaults
from services.gateway.speech.resolve import SpeechResolver
from services.gateway.speech.spec import AlignmentSpec
from services.gateway.videos.requests import Output, SceneFields, VideoRequest
from services.gateway.videos.spec import OutputSpec, SceneSpec, VideoSpec
from services.gateway.videos.video_size import portrait_size


class Resolver:
    """Resolves one request with the references of its workspace and the catalogue of engines. Does no I/O."""

    def __init__(
        self,
        request: VideoRequest,
        references: References,
        catalogue: Catalogue,
        settings: GatewaySettings,
    ) -> None:
        self._request = request
        self._references = references
        self._catalogue = catalogue
        self._settings = settings
        self._speech = SpeechResolver(references, catalogue, settings)

    def resolve(self) -> VideoSpec:
        """Returns the spec of the request. Raises `ApiError` with everything that is wrong."""
        request, refusals = self._request, Refusals()
        named = refusals.attempt(lambda: self._catalogue.engine("video", request.model, "model"))
        engine = named.result if named.accepted else self._without_limits()
        if len(request.scene_fields) > self._settings.max_scenes:
            raise invalid(
                "too_many_scenes",
                f"A video has at most {self._settings.max_scenes} scenes; this one has "
                f"{len(request.scene_fields)}.",
                "scenes",
            )
        scenes = [
            refusals.attempt(lambda scene=scene, path=path: self._scene(scene, engine, path))
            for path, scene in paths_of(request.scene_fields, many=request.scenes is not None)
        ]
        output = refusals.attempt(lambda: self._output(request.output))
        refusals.raise_if_any()
        return VideoSpec(tuple(scene.result for scene in scenes), output.result)

    def _without_limits(self) -> EngineSpec:
        """Returns an engine for checking scenes whose own engine is unknown."""
        return replace(self._catalogue.engine("video", None, "model"), limits=EngineLimits())

    def _scene(self, scene: SceneFields, engine: EngineSpec, path: str) -> SceneSpec:
        with named_where_given(scene, self._request, path):
            return self._resolved(with_video_defaults(scene, self._request), engine, path)

    def _resolved(self, fields: SceneFields, engine: EngineSpec, path: str) -> SceneSpec:
        attempt = (refusals := Refusals()).attempt
        longest = self._settings.max_script_characters
        attempt(lambda: check_length("prompt", fields.prompt or "", longest, f"{path}prompt"))
        portrait = attempt(lambda: self._portrait(fields, path))
        if portrait.accepted:
            attempt(lambda: check_portrait(engine, portrait.result.media, f"{path}image"))
        attempt(lambda: check_seconds(engine, fields.seconds, f"{path}seconds"))
        speech = attempt(lambda: self._speech.source(fields, path, shown_by=engine))
        alignment = attempt(lambda: self._alignment(fields, path) if engine.needs_audio else None)
        conversion = attempt(lambda: self._speech.conversion(fields, path))
        effects = attempt(lambda: self._speech.effects(fields, path))
        refusals.raise_if_any()
        avatar = self._references.avatar(fields.avatar, f"{path}avatar")
        return SceneSpec(
            portrait=portrait.result.artifact,
            speech=speech.result,
            recording_seconds=self._speech.recording_seconds(fields, path),
            engine=engine,
            alignment=alignment.result,
            conversion=conversion.result,
            effects=effects.result,
            landmarks=landmarks_of(avatar),
            face=face_of(avatar),
            prompt=acted_prompt(fields, engine),
            min_seconds=fields.seconds or 0.0,
            emotion=fields.emotion or Emotion.NEUTRAL,
        )

    def _alignment(self, fields: SceneFields, path: str) -> AlignmentSpec | None:
        if fields.audio is None:
            for name in ("transcript", "language"):
                if getattr(fields, name) is not None:
                    message = f"The {name} is that of a recording: give audio too, or leave it out."
                    raise invalid("audio_missing", message, f"{path}{name}")
        transcript, language = (fields.transcript or "").strip(), fields.language or ""
        return self._speech.alignment(fields, transcript, language, path)

    def _portrait(self, fields: SceneFields, path: str) -> Asset:
        avatar = self._references.avatar(fields.avatar, f"{path}avatar")
        image = avatar.image if avatar else fields.image
        if image is None:
            message = "A portrait is needed. Upload one with POST /v1/assets and give its id as image."
            raise invalid("image_missing", message, f"{path}image")
        return self._references.asset(image, "image", f"{path}image")

    def _output(self, output: Output) -> OutputSpec:
        refusals = Refusals()
        size = refusals.attempt(self._size)
        background = refusals.attempt(lambda: self._background(output))
        refusals.raise_if_any()
        width, height = size.result
        return OutputSpec(
            width=width,
            height=height,
            mux=self._catalogue.engine("mux", None, "output"),
            fps=output.fps,
            seed=output.seed,
            loudness_lufs=output.loudness_lufs,
            audio_delay_seconds=output.audio_delay_seconds,
            shortest=output.shortest,
            fit=output.fit,
            background=background.result,
            format=output.format,
        )

    def _size(self) -> tuple[int, int]:
        """Returns the size that is asked for, or that of the first portrait."""
        request = self._request
        if request.size:
            width, _, height = request.size.partition("x")
            return int(width), int(height)
        path, scene = next(paths_of(request.scene_fields, many=request.scenes is not None))
        with named_where_given(scene, request, path):
            media = self._portrait(with_video_defaults(scene, request), path).media
        return portrait_size(media.width or 512, media.height or 512)

    def _background(self, output: Output) -> str | Artifact | None:
        asset_id = output.background_asset
        if asset_id is None:
            return output.background
        return self._references.asset(asset_id, "image", "output.background").artifact


def acted_prompt(fields: SceneFields, engine: EngineSpec) -> str:
    """Returns the prompt for the video engine.

    A prompt that is spoken is not acted too, except by an engine that makes its picture from the prompt.
    """
    spoken = fields.script is None and fields.spoken_text is not None
    return "" if spoken and engine.needs_audio else fields.prompt or ""


def with_video_defaults(scene: SceneFields, video: VideoRequest) -> SceneFields:
    """Returns the scene with the fields that it leaves out taken from the video: all but script, recording,
    transcript, prompt and seconds. The language is that of a recording, the portrait image or avatar."""
    shared = set(SHARED_FIELDS)
    if scene.audio:
        shared.add("language")
    if not scene.image and not scene.avatar:
        shared |= {"image", "avatar"}
    return with_defaults(scene, video, shared)
