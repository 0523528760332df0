"""Finds engines and voices by name, and refuses operations that no engine supports."""

from collections.abc import Iterable, Sequence

from services.chassis.engine_api.spec import EngineSpec, Voice
from services.chassis.errors import EngineUnavailable
from services.chassis.text.did_you_mean import similar
from services.chassis.text.quoted import quoted
from services.gateway.engines.voice_aliases import VOICES
from services.gateway.http.errors import invalid

DEFAULTS = {
    "tts": ("hibari", "kokoro", "espeak"),
    "voice": ("world",),
    "video": ("puppet",),
    "mux": ("ffmpeg",),
}
"""Engines by service, the best first: the first one that is there is the default."""
CONVERT, EFFECTS, ALIGN, TRANSCRIBE = "convert", "effects", "align", "transcribe"
CLONE = "clone"
ASSEMBLE_AUDIO = "assemble_audio"
VERBS = {
    CONVERT: "convert voices",
    EFFECTS: "apply effects",
    ALIGN: "align recordings",
    TRANSCRIBE: "transcribe recordings",
    CLONE: "clone voices",
}
"""Operations of voice and TTS engines, as messages name them; a voice engine that announces none converts."""
START = "Start one, or try again in a few seconds."
OPTIONAL = (
    EngineSpec("tts", "kokoro", version="", operations=(CLONE,)),
    EngineSpec("voice", "whisper", version="", operations=(TRANSCRIBE,)),
)
"""Engines that not every machine has."""
INSTALL = "make voices"
"""The command that brings them."""


class Catalogue:
    """The engines that this gateway knows. Kept up to date by `Announcements`."""

    def __init__(self) -> None:
        self._engines: dict[tuple[str, str], EngineSpec] = {}

    def learn(self, specs: Iterable[EngineSpec]) -> None:
        """Adds engines, or replaces those of the same service and name. Threads may read meanwhile."""
        self._engines = self._engines | {(spec.service, spec.name): spec for spec in specs}

    def engines(self, service: str) -> list[EngineSpec]:
        """Returns the engines of a service, the defaults first, the others in the order of their names."""
        first = DEFAULTS.get(service, ())
        specs = [spec for spec in self._engines.values() if spec.service == service]
        return sorted(specs, key=lambda s: (first.index(s.name) if s.name in first else len(first), s.name))

    def speaking_engines(self, param: str) -> list[EngineSpec]:
        """Returns the TTS engines that have voices, the default first. Raises a 503 while there is none."""
        self.engine("tts", None, param)
        return [spec for spec in self.engines("tts") if spec.voices]

    def engine(self, service: str, name: str | None, param: str) -> EngineSpec:
        """Returns the named engine, or the service's default.

        Raises a 422 for a name that no worker has announced, a 503 while no worker of the service has
        announced itself.
        """
        known = self.engines(service)
        if not known:
            raise EngineUnavailable(f"No {service} worker has announced itself yet. {START}")
        if name is None:
            return known[0]
        found = self._engines.get((service, name))
        if found is None:
            names = ", ".join(spec.name for spec in known)
            optional = any((spec.service, spec.name) == (service, name) for spec in OPTIONAL)
            hint = f" To have it, run `{INSTALL}` and start the {service} worker again." if optional else ""
            message = f"There is no {service} engine {quoted(name)}. Use one of: {names}.{hint}"
            raise invalid("engine_unknown", message, param)
        return found

    def voice_engine(self, operation: str, name: str | None, param: str) -> EngineSpec:
        """Returns the named voice engine, or the first that is able. Raises as `able_engine`."""
        return self.able_engine("voice", operation, name, param)

    def cloning_engine(self, name: str | None, param: str) -> EngineSpec:
        """Returns the named TTS engine, or the first that clones voices. Raises as `able_engine`."""
        return self.able_engine("tts", CLONE, name, param)

    def able_engine(self, service: str, operation: str, name: str | None, param: str) -> EngineSpec:
        """Returns the named engine of a service, or the first that supports the operation.

        Raises a 422 for an engine that is unknown or does not support it, a 503 while none that does has
        announced itself.
        """
        able = [spec for spec in self.engines(service) if can(spec, operation)]
        if not able:
            optional = any(can(spec, operation) for spec in OPTIONAL)
            way = f"Run `{INSTALL}` and start the worker again." if optional else START
            raise EngineUnavailable(
                f"No {service} worker that can {VERBS[operation]} has announced itself yet. {way}"
            )
        wanted = able[0] if name is None else self.engine(service, name, param)
        if wanted not in able:
            names = ", ".join(spec.name for spec in able)
            message = f"The {service} engine {wanted.name!r} cannot {VERBS[operation]}. Use one of: {names}."
            raise invalid("engine_unsuitable", message, param)
        return wanted

    def audio_mux(self, param: str) -> EngineSpec:
        """Returns the first mux engine that makes audio files. Raises a 503 while there is none."""
        self.engine("mux", None, param)
        able = [spec for spec in self.engines("mux") if ASSEMBLE_AUDIO in spec.operations]
        if not able:
            raise EngineUnavailable("No mux worker that makes audio files has announced itself. Upgrade one.")
        return able[0]

    def voice(self, voice: str, engine: EngineSpec | None, param: str) -> tuple[EngineSpec, Voice]:
        """Returns the engine that has the voice, and the voice. `engine:voice` names both.

        A name of another provider's voice stands for the nearest one here. Raises a 422 if there is no such
        voice.
        """
        prefix, separator, rest = voice.partition(":")
        if separator:
            engine, voice_id = self.engine("tts", prefix, param), rest
        else:
            voice_id = prefix
        specs = [engine] if engine else [self.engine("tts", None, param), *self.engines("tts")[1:]]
        for wanted in (voice_id.lower(), *VOICES.get(voice_id.lower(), ())):
            for spec in specs:
                for candidate in spec.voices:
                    if candidate.id.lower() == wanted:
                        return spec, candidate
        message = unknown_voice_message(voice_id, specs, self.engines("tts"))
        raise invalid("voice_unknown", message, param)


def can(spec: EngineSpec, operation: str) -> bool:
    """Returns whether the engine supports the operation. A voice engine that announces none supports
    `convert`."""
    usual = (CONVERT,) if spec.service == "voice" else ()
    return operation in (spec.operations or usual)


def unknown_voice_message(voice: str, specs: Sequence[EngineSpec], installed: Sequence[EngineSpec]) -> str:
    """Tells of similar voices of `specs`, and what would bring more than those of the `installed` engines."""
    close = similar(voice, [candidate.id for spec in specs for candidate in spec.voices], 3)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    missing = {spec.name for spec in OPTIONAL if spec.service == "tts"} - {spec.name for spec in installed}
    more = f" `{INSTALL}` brings more." if missing else ""
    return f"There is no voice {quoted(voice)}.{hint} GET /v1/voices lists them all.{more}"
