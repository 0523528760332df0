"""From a request to a spec: names become assets, engines and voices, or a refusal that says what to do."""

from collections.abc import Iterable, Mapping

from services.chassis.engine import EngineSpec
from services.chassis.storage import Artifact
from services.gateway.assets.repository import Asset
from services.gateway.engines.catalogue import ALIGN, CONVERT, Catalogue
from services.gateway.engines.limits import check_portrait, check_seconds, check_speech
from services.gateway.errors import invalid
from services.gateway.settings import GatewaySettings
from services.gateway.videos.schemas import Conversion, SpeechFields, VideoRequest
from services.gateway.videos.sizes import portrait_size
from services.gateway.videos.spec import (
    AlignmentSpec,
    ConversionSpec,
    OutputSpec,
    SceneSpec,
    ScriptSpec,
    VideoSpec,
)


def asset_ids(request: VideoRequest) -> set[str]:
    """Every asset that the request names."""
    ids: set[str | None] = {request.input_reference.file_id} if request.input_reference else set()
    for fields in (request, *(request.scenes or ())):
        ids |= {fields.image, fields.audio}
        ids |= {fields.avatar.image} if fields.avatar else set()
        ids |= {fields.conversion.reference} if fields.conversion else set()
    return {asset_id for asset_id in ids if asset_id is not None}


class Resolver:
    """Resolves one request against the workspace's assets and the engines' capabilities. Reads nothing."""

    def __init__(
        self,
        request: VideoRequest,
        assets: Mapping[str, Asset],
        catalogue: Catalogue,
        settings: GatewaySettings,
    ) -> None:
        self._request = request
        self._assets = assets
        self._catalogue = catalogue
        self._settings = settings

    def resolve(self) -> VideoSpec:
        """Raises `ApiError` with the field that is wrong."""
        request = self._request
        engine = self._catalogue.engine("video", request.model, "model")
        fields = [with_defaults(scene, request) for scene in request.scenes or ()] or [
            with_defaults(request, request)
        ]
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

    def _scene(self, fields: SpeechFields, engine: EngineSpec, path: str) -> SceneSpec:
        conversion = self._conversion(fields.conversion, path) if fields.conversion else None
        landmarks = fields.avatar.landmarks if fields.avatar else None
        prompt = fields.prompt or ""
        self._check_length("prompt", prompt, self._settings.max_script_characters, f"{path}prompt")
        portrait = self._portrait(fields, path)
        check_portrait(engine, portrait.media, f"{path}image")
        check_seconds(engine, fields.seconds, f"{path}seconds")
        speech = self._speech(fields, engine, path)
        return SceneSpec(
            portrait=portrait.artifact,
            speech=speech,
            engine=engine,
            alignment=None if isinstance(speech, ScriptSpec) else self._alignment(engine, path),
            conversion=conversion,
            landmarks=landmarks.model_dump() if landmarks else None,
            prompt=prompt,
            min_seconds=fields.seconds or 0.0,
        )

    def _portrait(self, fields: SpeechFields, path: str) -> Asset:
        image = fields.avatar.image if fields.avatar else fields.image
        if image is None:
            message = "A portrait is needed. Upload one with POST /v1/assets and give its id as image."
            raise invalid("image_missing", message, f"{path}image")
        return self._asset(image, "image", f"{path}image")

    def _speech(self, fields: SpeechFields, video: EngineSpec, path: str) -> ScriptSpec | Artifact:
        if fields.audio is not None:
            if fields.script is not None:
                raise invalid("two_speeches", "Give either a script or audio, not both.", f"{path}script")
            recording = self._asset(fields.audio, "audio", f"{path}audio")
            check_seconds(video, recording.media.duration_seconds, f"{path}audio")
            return recording.artifact
        text = text_of(fields)
        if text is None:
            message = "There is nothing to say. Give a script or audio."
            raise invalid("script_missing", message, f"{path}script")
        if not text.strip():
            raise invalid("script_empty", "The script is empty. Write what should be said.", f"{path}script")
        engine, voice = self._catalogue.voice(fields.voice, None, f"{path}voice")
        limits = (self._settings.max_script_characters, engine.limits.max_characters)
        self._check_length("script", text, min(filter(None, limits)), f"{path}script")
        speed, pitch = fields.speed or 1.0, fields.pitch_semitones or 0.0
        check_speech(engine, speed, pitch, path)
        return ScriptSpec(
            text=text,
            engine=engine,
            voice=voice.id,
            speed=speed,
            pitch_semitones=pitch,
            ssml=bool(fields.ssml),
        )

    def _alignment(self, video: EngineSpec, path: str) -> AlignmentSpec | None:
        """For a recording, unless its scene's engine does not listen to it."""
        if not video.needs_audio:
            return None
        return AlignmentSpec(self._catalogue.voice_engine(ALIGN, None, f"{path}audio"))

    def _check_length(self, name: str, text: str, limit: int, param: str) -> None:
        if len(text) > limit:
            message = (
                f"The {name} has {len(text)} characters; the limit is {limit}. "
                "Shorten it, or split it into several scenes or videos."
            )
            raise invalid(f"{name}_too_long", message, param)

    def _conversion(self, conversion: Conversion, path: str) -> ConversionSpec:
        engine = self._catalogue.voice_engine(CONVERT, conversion.engine, f"{path}conversion.engine")
        reference = (
            self._asset(conversion.reference, "audio", f"{path}conversion.reference").artifact
            if conversion.reference
            else None
        )
        return ConversionSpec(
            engine, reference, conversion.pitch_semitones, conversion.formant_scale, conversion.strength
        )

    def _asset(self, asset_id: str, kind: str, param: str) -> Asset:
        asset = self._assets.get(asset_id)
        if asset is None:
            message = f"There is no asset {asset_id!r} in this workspace. Upload it with POST /v1/assets."
            raise invalid("asset_not_found", message, param)
        if asset.media.kind != kind:
            raise invalid("asset_wrong_kind", f"{asset_id!r} is {asset.media.kind}; here goes {kind}.", param)
        return asset

    def _output(self, first: SpeechFields) -> OutputSpec:
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
        )


def with_defaults(scene: SpeechFields, video: VideoRequest) -> SpeechFields:
    """The scene, with what it leaves out taken from the video: all but what is said."""
    shared = {"voice", "speed", "pitch_semitones", "ssml", "conversion"}
    given = scene.model_dump(exclude_unset=True)
    if not given.get("image") and not given.get("avatar"):
        shared |= {"image", "avatar"}
    inherited = {name: getattr(video, name) for name in shared if given.get(name) is None}
    return scene.model_copy(update=inherited)


def text_of(fields: SpeechFields) -> str | None:
    """What is said: the prompt, if there is no script."""
    return fields.script if fields.script is not None else fields.prompt


def scripts_of(request: VideoRequest) -> Iterable[str]:
    """What is said, in order; recordings are left out."""
    for fields in request.scenes or (request,):
        if fields.audio is None and (text := text_of(fields)):
            yield text
