"""The `whisper` engine: writes down what is said in English recordings, with the times of its words.

Whisper's own times of words are a tenth of a second late and more: its text is aligned as a transcript is.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.engine_api.transcript import Transcript
from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted
from services.voice.engines.protocol import Transcription
from services.voice.engines.recording import Recording, stream_recording
from services.voice.engines.segments import cut_stream
from services.voice.engines.sphinx.alignment import is_english
from services.voice.engines.sphinx.recogniser import ForcedAligner
from services.voice.engines.sphinx.sound import RATE, Pcm, recogniser_input
from services.voice.engines.whisper.words import TimedSegment, later, timed_segments
from services.voice.engines.whisper_model import (
    LONGEST_PIECE,
    SHORTEST_PIECE,
    WhisperRecogniser,
)


class WhisperEngine:
    """A transcription engine that holds the model."""

    def __init__(self) -> None:
        self._recogniser: WhisperRecogniser | None = None

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(
            service="voice",
            name="whisper",
            version="1",
            languages=("en",),
            limits=EngineLimits(max_seconds=3600.0, memory_mb=1500),
            operations=("transcribe",),
        )

    def open(self) -> None:
        """Loads the model. Raises `ModelMissing`."""
        self._recogniser = WhisperRecogniser()

    def close(self) -> None:
        self._recogniser = None

    def transcribe(self, request: Transcription) -> Iterator[Progress | Transcript]:
        """See `TranscriptionEngine.transcribe`."""
        recogniser = self._recogniser
        assert recogniser is not None
        if request.language and not is_english(request.language):
            raise InvalidArgument(
                f"the engine whisper hears English, not {quoted(request.language)}: use an engine of "
                "GET /v1/engines that lists this language, or add a plug-in with the operation transcribe"
            )
        pieces = list(heard_pieces(request.speech))
        samples = sum(map(len, pieces))
        aligner = ForcedAligner()
        segments: list[TimedSegment] = []
        position = 0
        for pcm in pieces:
            heard = recogniser.hear(pcm, request.prompt)
            segments += (later(each, position / RATE) for each in timed_segments(pcm, heard, aligner))
            position += len(pcm)
            yield Progress(position / samples)
        yield Transcript(
            text=" ".join(segment.text for segment, _ in segments),
            language="en",
            duration=samples / RATE,
            words=tuple(word for _, words in segments for word in words),
            segments=tuple(segment for segment, _ in segments),
        )


def heard_pieces(path: Path) -> Iterator[Pcm]:
    """Yields the recording at 16 kHz in pieces that the model hears at once, each at one loudness."""
    for piece in cut_stream(_resampled(path), RATE, SHORTEST_PIECE, LONGEST_PIECE):
        yield recogniser_input(Recording(piece, RATE))


def _resampled(path: Path) -> Iterator[NDArray[np.float32]]:
    stream: soxr.ResampleStream | None = None
    for block in stream_recording(path, what="recording"):
        stream = stream or soxr.ResampleStream(block.rate, RATE, 1, dtype="float32")
        yield stream.resample_chunk(block.samples)
    if stream is not None:
        yield stream.resample_chunk(np.zeros(0, np.float32), last=True)
