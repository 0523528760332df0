"""Selects the engine's voice for each name and language that a script asks for."""

from dataclasses import dataclass

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import VoiceUnknown
from services.chassis.text.did_you_mean import similar
from services.chassis.text.quoted import quoted
from services.tts.script.elements import LANGUAGE_VOICE
from services.tts.script.spans import Span, Text


@dataclass(frozen=True, slots=True)
class VoiceSelection:
    """The voices of an engine for a script. `default` is the task's own voice, which the engine checks."""

    spec: EngineSpec
    default: str

    def check(self, spans: tuple[Span, ...]) -> None:
        """Raises `VoiceUnknown` if the script asks for a voice that the engine does not have."""
        for name in {span.manner.voice for span in spans if isinstance(span, Text)}:
            self.voice_of(name)

    def voice_of(self, name: str) -> str:
        """Returns the id of a manner's voice."""
        if not name:
            return self.default
        if name.startswith(LANGUAGE_VOICE):
            return self._speaker_of(name.removeprefix(LANGUAGE_VOICE))
        if any(voice.id == name for voice in self.spec.voices):
            return name
        near = similar(name, [voice.id for voice in self.spec.voices], 3)
        hint = f"did you mean {', '.join(near)}?" if near else "GET /v1/voices lists them."
        raise VoiceUnknown(
            f"The script asks for the voice {quoted(name)}, which {self.spec.name} does not have: {hint}"
        )

    def language_of(self, name: str) -> str:
        """Returns the BCP 47 tag of a manner's voice, empty if the engine has no such voice."""
        wanted = self.voice_of(name)
        return next((voice.language for voice in self.spec.voices if voice.id == wanted), "")

    def _speaker_of(self, language: str) -> str:
        """Returns the first voice of a language: of exactly that tag, or of its language alone."""
        for tag in (language, language.partition("-")[0]):
            for voice in self.spec.voices:
                spoken = voice.language.lower()
                if spoken == tag or spoken.partition("-")[0] == tag:
                    return voice.id
        raise VoiceUnknown(
            f"The script asks for the language {quoted(language)}, which {self.spec.name} does not speak."
        )
