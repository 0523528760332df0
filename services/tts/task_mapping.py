"""Maps the contract's synthesis task to the service's own `ScriptTask`."""

from dataclasses import dataclass
from pathlib import Path

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.engine_api.timeline import Emotion
from services.chassis.errors import InvalidArgument
from services.chassis.text.markup import Markup
from services.chassis.text.quoted import quoted
from services.tts.script.lexicon import Pronunciation, pronunciation
from services.tts.script.tags import emotion_named


@dataclass(frozen=True, slots=True)
class ScriptTask:
    """A whole script. `emotion` holds until the script names another.

    `speaker`, a file that the engine has made of a person's recordings, speaks instead of `voice`, but with
    its language. Voices that the script names speak themselves.
    """

    text: str
    voice: str
    speed: float = 1.0
    pitch_semitones: float = 0.0
    ssml: bool = False
    markup: Markup = Markup.AUTO
    lexicon: tuple[Pronunciation, ...] = ()
    emotion: Emotion = Emotion.NEUTRAL
    attenuation_db: float = 0.0
    """Attenuation below the voice's own loudness; the script's louder parts are limited to that first."""
    speaker: Path | None = None


def script_task_from(task: SynthesisTask, speaker: Path | None = None) -> ScriptTask:
    """Raises `InvalidArgument` for an unknown emotion or markup, or an invalid pronunciation."""
    return ScriptTask(
        text=task.text,
        voice=task.voice,
        speed=task.speed or 1.0,
        pitch_semitones=task.pitch_semitones,
        ssml=task.ssml,
        markup=_markup_named(task.markup),
        lexicon=tuple(pronunciation(each.word, each.ipa, each.respelling) for each in task.lexicon),
        emotion=emotion_named(task.emotion),
        speaker=speaker,
    )


def _markup_named(name: str) -> Markup:
    try:
        return Markup(name or Markup.AUTO)
    except ValueError:
        raise InvalidArgument(f"There is no markup {quoted(name)}. There are {', '.join(Markup)}.") from None
