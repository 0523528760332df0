"""The `hibari` engine: natural English by a model of 8 MB that lies in its package, on one thread."""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Voice
from services.chassis.errors import EngineUnavailable, VoiceUnknown
from services.chassis.text.quoted import quoted
from services.tts.engines.hibari.pronunciation import Pronunciation
from services.tts.engines.hibari.voice_model import RATE, VoiceModel
from services.tts.engines.neural.assembly import assemble
from services.tts.engines.neural.manner import MAX_SEMITONES, shade
from services.tts.engines.neural.marks import clauses
from services.tts.engines.protocol import AudioChunk, Speech
from services.tts.engines.reach import check_reach
from services.tts.script.sentences import sentences

MAX_CHARACTERS = 100_000
MAX_MARKS = 240
"""Longest sentence that is spoken in one, at its usual rate: memory grows with its seconds."""
MIN_SPEED, MAX_SPEED = 0.25, 4.0
MEMORY_MB = 640
VOICE = Voice(
    "heart",
    "Heart",
    "en-US",
    "female",
    accent="American",
    age="young",
    style="warm",
    description="A warm, clear young woman, for narration and conversation.",
)


class HibariEngine:
    """A TTS engine of one voice. Model, lexicon and rules are opened once and stay."""

    spec = EngineSpec(
        service="tts",
        name="hibari",
        version="2",
        needs_audio=False,
        languages=(VOICE.language,),
        voices=(VOICE,),
        limits=EngineLimits(
            max_characters=MAX_CHARACTERS,
            min_speed=MIN_SPEED,
            max_speed=MAX_SPEED,
            max_pitch_semitones=MAX_SEMITONES,
            memory_mb=MEMORY_MB,
        ),
    )

    def __init__(self) -> None:
        self._model: VoiceModel | None = None
        self._pronunciation: Pronunciation | None = None

    def open(self) -> None:
        package = find_spec("hibari")
        if package is None or package.origin is None:
            raise EngineUnavailable("The package hibari-tts is missing: reinstall the requirements.")
        assets = Path(package.origin).parent / "assets"
        self._model = VoiceModel(assets / "hibari.onnx", assets / "vocab.json")
        self._pronunciation = Pronunciation(self._model.known)

    def close(self) -> None:
        self._model = self._pronunciation = None

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        """See `TtsEngine.synthesize`. Speed is 0.25 to 4, pitch -12 to +12 semitones."""
        check_reach(self.spec, request)
        if request.voice != VOICE.id:
            raise VoiceUnknown(f"hibari has no voice {quoted(request.voice)}. Use {VOICE.id}.")
        assert self._model is not None and self._pronunciation is not None
        slowest = min((shade(request, token.manner).rate for token in request.tokens), default=1.0)
        longest = round(MAX_MARKS * min(1.0, slowest))
        parts = (
            part
            for sentence in sentences(request.tokens)
            for part in clauses(self._pronunciation.marks(request.tokens, sentence), longest)
        )
        yield from assemble(request, parts, self._model.speak, RATE)
