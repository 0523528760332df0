"""Lists the inspections that speech needs before a job is accepted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from likeness.tts.v1.tts_pb2 import SynthesisTask
from services.chassis.storage import Artifact
from services.chassis.text.writing_systems import has_letters_of
from services.gateway.intake.given_fields import name_where_given
from services.gateway.intake.preflight import Question, Words
from services.gateway.speech.client import SpeechClient
from services.gateway.speech.conversion_client import ConversionClient
from services.gateway.speech.plan import synthesis_parameters
from services.gateway.speech.requests import SpeechFields
from services.gateway.speech.spec import ScriptSpec, SpeechSpec


@dataclass(frozen=True, slots=True)
class SpeechQuestions:
    """Questions to the TTS service about scripts, and to the voice service about recordings of voices to move
    towards."""

    tts: SpeechClient
    voice: ConversionClient

    def of(self, spec: SpeechSpec, path: str) -> Iterator[Question]:
        """Yields the questions about one scene, whose fields begin with `path`."""
        if isinstance(spec.speech, ScriptSpec) and needs_inspection(spec.speech):
            yield self._script(spec.speech, path)
        if spec.conversion is not None and spec.conversion.reference is not None:
            engine, reference = spec.conversion.engine.name, spec.conversion.reference
            yield reference_question(self.voice, engine, reference, f"{path}conversion.reference")

    def _script(self, script: ScriptSpec, path: str) -> Question:
        engine, parameters = script.engine.name, synthesis_parameters(script)

        async def read() -> Words:
            await self.tts.inspect(engine, SynthesisTask(**parameters))
            return ()

        return Question(f"{path}{script.field}", ("script", engine, str(parameters)), read, "script_invalid")


def reference_question(voice: ConversionClient, engine: str, reference: Artifact, param: str) -> Question:
    """Returns the question whether a voice engine can use a recording of a person."""

    async def listen() -> Words:
        await voice.inspect(engine, reference)
        return ()

    return Question(param, ("reference", engine, reference.sha256), listen, "reference_invalid")


def where_given(
    questions: Iterable[Question], scene: SpeechFields, request: SpeechFields, path: str
) -> Iterator[Question]:
    """Yields the questions about a scene with the names under which the request gives its fields."""
    given = dict(scene), dict(request)
    for question in questions:
        yield replace(question, param=name_where_given(question.param, *given, path) or question.param)


def needs_inspection(script: ScriptSpec) -> bool:
    """Returns whether only the engine can tell whether the script can be spoken.

    That is so for markup, for words of the lexicon, and for a text without words in the letters of the
    voice's language, such as "...". Other plain text is always spoken; this spares most requests a call.
    """
    if script.ssml or script.lexicon or "[" in script.text:
        return True
    voices = script.engine.voices
    language = next((voice.language for voice in voices if voice.id == script.voice), "")
    return not has_letters_of(language, script.text)
