"""Specs of validated and resolved speech: the input of `speech.plan`."""

from dataclasses import dataclass

from services.chassis.engine_api.effects import EffectStep
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.engine_api.timeline import Emotion
from services.chassis.storage import Artifact
from services.chassis.text.markup import Markup
from services.gateway.lexicon.pronunciation import Pronunciation
from services.gateway.speech.length import spoken_seconds
from services.gateway.voices.cloned import ReadyVoice


@dataclass(frozen=True, slots=True)
class ScriptSpec:
    """A script to speak. `speed` is a factor; `lexicon` has the entries that occur in the text.

    `field` is the name of the scene's field that it came from; `voice_chosen`: the request names no voice.
    With a `cloned` voice, `voice` is the one of the engine whose language and accent it speaks.
    """

    text: str
    engine: EngineSpec
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    markup: Markup = Markup.AUTO
    emotion: Emotion = Emotion.NEUTRAL
    lexicon: tuple[Pronunciation, ...] = ()
    field: str = "script"
    voice_chosen: bool = False
    cloned: ReadyVoice | None = None


@dataclass(frozen=True, slots=True)
class ConversionSpec:
    """A conversion of the voice, towards that of the recording `reference` if there is one."""

    engine: EngineSpec
    reference: Artifact | None = None
    pitch_semitones: float = 0.0
    formant_scale: float = 1.0
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class EffectsSpec:
    """A chain of effects. Every step has all of its amounts, so that a chain has the same action key
    whichever name the request used."""

    engine: EngineSpec
    steps: tuple[EffectStep, ...]


@dataclass(frozen=True, slots=True)
class AlignmentSpec:
    """Alignment of a recording: its transcript, empty if unknown, and the BCP 47 tag of its language, empty
    for English."""

    engine: EngineSpec
    transcript: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechSpec:
    """Speech of one scene: a script to speak, a recording, or nothing.

    A recording lasts `recording_seconds`; if its words are needed, it has an alignment.
    """

    speech: ScriptSpec | Artifact | None
    recording_seconds: float = 0.0
    alignment: AlignmentSpec | None = None
    conversion: ConversionSpec | None = None
    effects: EffectsSpec | None = None

    @property
    def speech_seconds(self) -> float:
        """The expected length of the speech."""
        script = self.speech
        if isinstance(script, ScriptSpec):
            return spoken_seconds(script.text, speed=script.speed, ssml=script.ssml)
        return self.recording_seconds

    @property
    def spoken_seconds(self) -> float:
        """The part of `speech_seconds` that is an estimate, because a script has to be spoken first."""
        return self.speech_seconds if isinstance(self.speech, ScriptSpec) else 0.0
