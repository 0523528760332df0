"""Speech as it was asked for, validated and resolved: the input of `speech.plan`."""

from dataclasses import dataclass

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.storage import Artifact
from services.gateway.lexicon.pronunciation import Pronunciation


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    text: str
    engine: EngineSpec
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    emotion: Emotion = Emotion.NEUTRAL
    lexicon: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True, slots=True)
class ConversionSpec:
    engine: EngineSpec
    reference: Artifact | None = None
    pitch_semitones: float = 0.0
    formant_scale: float = 1.0
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class EffectsSpec:
    """A chain of effects. Every step has all of its amounts, so that a chain has the same action key under
    whatever name it was asked for."""

    engine: EngineSpec
    steps: tuple[EffectStep, ...]


@dataclass(frozen=True, slots=True)
class AlignmentSpec:
    """How the words of a recording are found: its transcript, empty if it is not known, and a BCP 47 tag,
    empty for English."""

    engine: EngineSpec
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSpec:
    """Speech of one scene: a script to speak, a recording, or nothing. A recording whose words matter has an
    alignment."""

    speech: ScriptSpec | Artifact | None
    alignment: AlignmentSpec | None = None
    conversion: ConversionSpec | None = None
    effects: EffectsSpec | None = None
