"""Resolves the speech of a scene: finds the assets, voices and engines that it names, or refuses it."""

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.storage import Artifact
from services.chassis.text.markup import Markup
from services.gateway.effects.chains import resolve_chain
from services.gateway.engines.catalogue import ALIGN, CONVERT, EFFECTS, Catalogue
from services.gateway.engines.limits import check_language, check_length, check_seconds, check_speech
from services.gateway.http.errors import invalid
from services.gateway.http.refusals import Refusals
from services.gateway.intake.language import UNNAMED
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings
from services.gateway.speech.requests import SpeechFields
from services.gateway.speech.spec import AlignmentSpec, ConversionSpec, EffectsSpec, ScriptSpec
from services.gateway.speech.voice_choice import choose_voice
from services.gateway.voices.cloned import ReadyVoice


class SpeechResolver:
    """Resolves scenes with the references of a workspace and the catalogue of engines. Does no I/O.

    `path` precedes the names of the fields in refusals, which are `ApiError`s with everything that is wrong.
    """

    def __init__(self, references: References, catalogue: Catalogue, settings: GatewaySettings) -> None:
        self._references = references
        self._catalogue = catalogue
        self._settings = settings

    def source(
        self, fields: SpeechFields, path: str, *, shown_by: EngineSpec | None = None
    ) -> ScriptSpec | Artifact | None:
        """Returns the script or the recording; `None` for a scene without speech.

        `shown_by` is the video engine, whose limit a recording must keep.
        """
        if fields.is_silent:
            return None
        if fields.audio is None:
            return self._script(fields, path)
        if fields.script is not None:
            raise invalid("two_speeches", "Give either a script or audio, not both.", f"{path}script")
        recording = self._references.asset(fields.audio, "audio", f"{path}audio")
        if shown_by is not None:
            check_seconds(shown_by, recording.media.duration_seconds, f"{path}audio")
        return recording.artifact

    def recording_seconds(self, fields: SpeechFields, path: str) -> float:
        """Returns the length of the recording; 0 if there is none."""
        if fields.audio is None:
            return 0.0
        recording = self._references.asset(fields.audio, "audio", f"{path}audio")
        return recording.media.duration_seconds or 0.0

    def _script(self, fields: SpeechFields, path: str) -> ScriptSpec:
        text = fields.spoken_text
        if text is None:
            raise invalid("script_missing", fields.NOTHING_TO_SAY, f"{path}script")
        field = "prompt" if fields.script is None else "script"
        if not text.strip():
            message = f"The {field} is empty. Write what should be said."
            raise invalid("script_empty", message, f"{path}{field}")
        refusals, longest = Refusals(), self._settings.max_script_characters
        named = refusals.attempt(lambda: self._references.voice(fields.voice, f"{path}voice"))
        if not named.accepted:
            refusals.raise_if_any()
        chosen = refusals.attempt(
            lambda: choose_voice(self._catalogue, named.result, None, text[:longest], f"{path}voice")
        )
        speed, pitch = fields.speed or 1.0, fields.pitch_semitones or 0.0
        if chosen.accepted:
            limits = chosen.result[0].limits
            longest = min(filter(None, (longest, limits.max_characters)))
            refusals.attempt(lambda: check_speech(chosen.result[0], speed, pitch, path))
        refusals.attempt(lambda: check_length("script", text, longest, f"{path}{field}"))
        refusals.raise_if_any()
        engine, voice = chosen.result
        return ScriptSpec(
            text=text,
            engine=engine,
            voice=voice.id,
            speed=speed,
            pitch_semitones=pitch,
            ssml=bool(fields.ssml),
            markup=fields.markup or Markup.AUTO,
            emotion=fields.emotion or Emotion.NEUTRAL,
            lexicon=tuple(self._references.lexicon.get(text, ())),
            field=field,
            voice_chosen=fields.voice in UNNAMED,
            cloned=named.result if isinstance(named.result, ReadyVoice) else None,
        )

    def alignment(
        self, fields: SpeechFields, transcript: str, language: str, path: str
    ) -> AlignmentSpec | None:
        """Returns the alignment of a recording; `None` for a script, because the TTS engine reports the times
        of its words."""
        if fields.audio is None:
            return None
        engine = self._catalogue.voice_engine(ALIGN, None, f"{path}audio")
        limits = (self._settings.max_script_characters, engine.limits.max_characters)
        check_length("transcript", transcript, min(filter(None, limits)), f"{path}transcript")
        if transcript and language:
            check_language(engine, language, f"{path}language")
        return AlignmentSpec(engine, transcript, language)

    def conversion(self, fields: SpeechFields, path: str) -> ConversionSpec | None:
        """Returns the conversion of the voice; `None` if there is none, or no speech."""
        wanted = fields.conversion
        if wanted is None or fields.is_silent:
            return None
        engine = self._catalogue.voice_engine(CONVERT, wanted.engine, f"{path}conversion.engine")
        reference = wanted.reference and self._references.asset(
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
        """Returns the chain of effects; `None` if there is none, or no speech."""
        if fields.effects is None or fields.is_silent:
            return None
        engine = self._catalogue.voice_engine(EFFECTS, None, f"{path}effects")
        steps = resolve_chain(fields.effects, engine, self._references.effects, f"{path}effects")
        return EffectsSpec(engine, steps)
