"""Resolves a request for a video: finds the assets, engines and voices that it names, or refuses it."""

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.storage import Artifact
from services.gateway.assets.repository import Asset
from services.gateway.avatars.schemas import face_of, landmarks_of
from services.gateway.engines.catalogue import Catalogue
from services.gateway.engines.limits import check_length, check_portrait, check_seconds
from services.gateway.http.errors import invalid
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings
from services.gateway.speech.requests import SHARED_FIELDS, with_defaults
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
        """Returns the spec of the request. Raises `ApiError` with the field that is wrong."""
        request = self._request
        engine = self._catalogue.engine("video", request.model, "model")
        fields = [with_video_defaults(scene, request) for scene in request.scene_fields]
        if len(fields) > self._settings.max_scenes:
            raise invalid(
                "too_many_scenes",
                f"A video has at most {self._settings.max_scenes} scenes; this one has {len(fields)}.",
                "scenes",
            )
        many = request.scenes is not None
        scenes = tuple(
            self._scene(scene, engine, f"scenes.{number}." if many else "")
            for number, scene in enumerate(fields)
        )
        return VideoSpec(scenes, self._output(fields[0]))

    def _scene(self, fields: SceneFields, engine: EngineSpec, path: str) -> SceneSpec:
        check_length("prompt", fields.prompt or "", self._settings.max_script_characters, f"{path}prompt")
        avatar = self._references.avatar(fields.avatar, f"{path}avatar")
        portrait = self._portrait(fields, path)
        check_portrait(engine, portrait.media, f"{path}image")
        check_seconds(engine, fields.seconds, f"{path}seconds")
        return SceneSpec(
            portrait=portrait.artifact,
            speech=self._speech.source(fields, path, shown_by=engine),
            recording_seconds=self._speech.recording_seconds(fields, path),
            engine=engine,
            alignment=self._alignment(fields, path) if engine.needs_audio else None,
            conversion=self._speech.conversion(fields, path),
            effects=self._speech.effects(fields, path),
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

    def _output(self, first: SceneFields) -> OutputSpec:
        output = self._request.output
        if self._request.size:
            width, _, height = self._request.size.partition("x")
            size = int(width), int(height)
        else:
            media = self._portrait(first, "").media
            size = portrait_size(media.width or 512, media.height or 512)
        return OutputSpec(
            width=size[0],
            height=size[1],
            mux=self._catalogue.engine("mux", None, "output"),
            fps=output.fps,
            seed=output.seed,
            loudness_lufs=output.loudness_lufs,
            audio_delay_seconds=output.audio_delay_seconds,
            shortest=output.shortest,
            fit=output.fit,
            background=self._background(output),
            format=output.format,
        )

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
