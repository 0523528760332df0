"""What a scene says and how: names become assets, voices and engines, or a refusal that says what to do."""

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.storage import Artifact
from services.gateway.effects.chains import resolve_chain
from services.gateway.engines.catalogue import ALIGN, CONVERT, EFFECTS, Catalogue
from services.gateway.engines.limits import check_length, check_seconds, check_speech
from services.gateway.http.errors import invalid
from services.gateway.lexicon.pronunciation import occurring
from services.gateway.settings import GatewaySettings
from services.gateway.videos.reference_names import is_silent, text_of
from services.gateway.videos.references import Holdings
from services.gateway.videos.requests import SpeechFields
from services.gateway.videos.spec import AlignmentSpec, ConversionSpec, EffectsSpec, ScriptSpec


class SpeechResolver:
    """`path` stands before the names of the fields in what is refused. Raises `ApiError`; reads nothing."""

    def __init__(self, holdings: Holdings, catalogue: Catalogue, settings: GatewaySettings) -> None:
        self._holdings = holdings
        self._catalogue = catalogue
        self._settings = settings

    def speech(self, fields: SpeechFields, video: EngineSpec, path: str) -> ScriptSpec | Artifact | None:
        """`video` is the engine that will show it. `None` for a scene in which nothing is said."""
        if is_silent(fields):
            return None
        if fields.audio is None:
            return self._script(fields, path)
        if fields.script is not None:
            raise invalid("two_speeches", "Give either a script or audio, not both.", f"{path}script")
        recording = self._holdings.asset(fields.audio, "audio", f"{path}audio")
        check_seconds(video, recording.media.duration_seconds, f"{path}audio")
        return recording.artifact

    def _script(self, fields: SpeechFields, path: str) -> ScriptSpec:
        text = text_of(fields)
        if text is None:
            message = "There is nothing to say. Give a script or audio, or a prompt and seconds to act it."
            raise invalid("script_missing", message, f"{path}script")
        if not text.strip():
            raise invalid("script_empty", "The script is empty. Write what should be said.", f"{path}script")
        engine, voice = self._catalogue.voice(fields.voice, None, f"{path}voice")
        limits = (self._settings.max_script_characters, engine.limits.max_characters)
        check_length("script", text, min(filter(None, limits)), f"{path}script")
        speed, pitch = fields.speed or 1.0, fields.pitch_semitones or 0.0
        check_speech(engine, speed, pitch, path)
        return ScriptSpec(
            text=text,
            engine=engine,
            voice=voice.id,
            speed=speed,
            pitch_semitones=pitch,
            ssml=bool(fields.ssml),
            emotion=fields.emotion or Emotion.NEUTRAL,
            lexicon=occurring(self._holdings.lexicon, text),
        )

    def alignment(self, fields: SpeechFields, path: str) -> AlignmentSpec | None:
        """How the words of a recording are found; `None` for a script, whose times the engine tells."""
        if fields.audio is None:
            for name in ("transcript", "language"):
                if getattr(fields, name) is not None:
                    message = f"The {name} is that of a recording: give audio too, or leave it out."
                    raise invalid("audio_missing", message, f"{path}{name}")
            return None
        transcript = (fields.transcript or "").strip()
        check_length("transcript", transcript, self._settings.max_script_characters, f"{path}transcript")
        engine = self._catalogue.voice_engine(ALIGN, None, f"{path}audio")
        return AlignmentSpec(engine, transcript, fields.language or "")

    def conversion(self, fields: SpeechFields, path: str) -> ConversionSpec | None:
        wanted = fields.conversion
        if wanted is None or is_silent(fields):
            return None
        engine = self._catalogue.voice_engine(CONVERT, wanted.engine, f"{path}conversion.engine")
        reference = wanted.reference and self._holdings.asset(
            wanted.reference, "audio", f"{path}conversion.reference"
        )
        return ConversionSpec(
            engine,
            reference.artifact if reference else None,
            wanted.pitch_semitones,
            wanted.formant_scale,
            wanted.strength,
        )

    def effects(self, fields: SpeechFields, path: str) -> EffectsSpec | None:
        if fields.effects is None or is_silent(fields):
            return None
        engine = self._catalogue.voice_engine(EFFECTS, None, f"{path}effects")
        steps = resolve_chain(fields.effects, engine, self._holdings.effects, f"{path}effects")
        return EffectsSpec(engine, steps)
