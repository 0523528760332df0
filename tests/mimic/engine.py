"""A TTS engine that clones without a model: a speaker is espeak at a pitch that its recordings decide.

`mimic_variables` bring it to a worker.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import soundfile

from services.chassis.engine_api.quality import judge
from services.chassis.engine_api.spec import EngineSpec, Progress
from services.chassis.errors import InvalidArgument, MediaUnreadable
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.protocol import AudioChunk, Cloning, Speaker, Speech

MIN_SECONDS = 3.0
MAX_SEMITONES = 6
VOICES = ("en-us", "en-gb", "de", "es")


class MimicEngine(EspeakEngine):
    @property
    def spec(self) -> EngineSpec:
        spec = super().spec
        voices = tuple(voice for voice in spec.voices if voice.id in VOICES)
        return replace(spec, name="mimic", version="1", operations=("synthesize", "clone"), voices=voices)

    def synthesize(self, request: Speech) -> Iterator[AudioChunk]:
        semitones = semitones_of(request.speaker) if request.speaker else 0
        yield from super().synthesize(replace(request, pitch_semitones=request.pitch_semitones + semitones))

    def clone(self, request: Cloning) -> Iterator[Progress | Speaker]:
        seconds = sum(seconds_of(path) for path in request.references)
        if seconds < MIN_SECONDS:
            raise InvalidArgument(f"the recordings have {seconds:.1f} s of speech, and 3 s are needed")
        yield Progress(0.5)
        digest = sha256(b"".join(path.read_bytes() for path in request.references)).digest()
        semitones = digest[0] % (2 * MAX_SEMITONES + 1) - MAX_SEMITONES
        request.output.write_text(json.dumps({"mimic": semitones}))
        yield Speaker(request.output, seconds, (judge("speaker_similarity", 0.9, lower=0.7, seen=""),))


def semitones_of(speaker: Path) -> int:
    """Returns the pitch of a speaker. Raises `InvalidArgument` for a file of another engine."""
    try:
        return json.loads(speaker.read_bytes())["mimic"]
    except (ValueError, LookupError, TypeError) as error:
        raise InvalidArgument("the speaker was not made by mimic") from error


def seconds_of(path: Path) -> float:
    try:
        return float(soundfile.info(path).duration)
    except soundfile.LibsndfileError as error:
        raise MediaUnreadable("a reference is no readable audio") from error
