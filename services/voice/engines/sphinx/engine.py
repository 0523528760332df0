"""The `sphinx` engine: finds words and phonemes of recordings with PocketSphinx, whose wheel has the model.

The model is of English, but a transcript in another language is found as well with each of its sounds as
the nearest English one: for twelve languages half of the sounds begin within 9 ms of their true times.
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.errors import InvalidArgument
from services.voice.engines.level import level_check
from services.voice.engines.protocol import AlignedSpeech, Alignment
from services.voice.engines.recording import read_recording
from services.voice.engines.segments import MAX_SECONDS, MIN_SECONDS, cut_points
from services.voice.engines.sphinx.alignment import (
    ENGLISH,
    MAX_FITTING_MISFIT,
    find_words,
    is_english,
    pronounced,
)
from services.voice.engines.sphinx.phonemizer import known_languages
from services.voice.engines.sphinx.recogniser import ForcedAligner, recognise
from services.voice.engines.sphinx.sound import RATE, Pcm, recogniser_input
from services.voice.engines.sphinx.words import build_timeline, without_words
from services.voice.engines.whisper_model import (
    LONGEST_PIECE,
    MODEL,
    SHORTEST_PIECE,
    WhisperRecogniser,
    is_installed,
    loads,
)

MAX_TRANSCRIPT_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Recogniser:
    """A recogniser of English words in pieces of a speech, each of so many seconds.

    Words that fit worse than `max_misfit` are not believed; some of those that are believed are wrong all the
    same, which `certainty` says as a factor of the confidence.
    """

    recognise: Callable[[Iterable[Pcm]], Iterator[list[str]]]
    max_misfit: float
    certainty: float
    shortest: float = MIN_SECONDS
    longest: float = MAX_SECONDS


# Its words of clear English are below the misfit; English that it made of German is not.
POCKETSPHINX = Recogniser(recognise, max_misfit=26.0, certainty=0.8)


def whisper() -> Recogniser:
    """Returns the recogniser with the model that it loads.

    Its words of English fit with 14 to 29; those that it made of German, Dutch and French with 37 and more.
    """
    model = WhisperRecogniser()
    return Recogniser(model.recognise, 32.0, 0.95, SHORTEST_PIECE, LONGEST_PIECE)


class SphinxEngine:
    """An alignment engine with a new aligner for every speech, so that no result depends on another.

    Where Whisper can be loaded it writes down English recordings that have no transcript, and PocketSphinx
    those in which it hears nothing, or nothing that fits.
    """

    def __init__(self) -> None:
        self._has_whisper = False
        self._whisper: Recogniser | None = None

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(
            service="voice",
            name="sphinx",
            version=f"2+{MODEL}" if self._has_whisper else "2",
            languages=known_languages(),
            limits=EngineLimits(max_seconds=3600.0, max_characters=MAX_TRANSCRIPT_CHARACTERS),
            operations=("align",),
        )

    def open(self) -> None:
        """Looks for Whisper, whose model is loaded when a recording needs it.

        PocketSphinx's model is read for each speech, which takes a tenth of a second.
        """
        self._has_whisper = is_installed() and loads()

    def close(self) -> None:
        self._whisper = None

    def align(self, request: Alignment) -> Iterator[Progress | AlignedSpeech]:
        """See `AlignmentEngine.align`.

        A transcript that does not fit is ignored: then, as without one, the words are those that were
        recognised, in English, or none.
        """
        recording = read_recording(request.speech, what="recording")
        seconds = len(recording.samples) / recording.rate
        language = request.language or ENGLISH
        pcm = recogniser_input(recording)
        yield Progress(0.1)
        timeline = _aligned_to_transcript(pcm, request.transcript, language, seconds)
        if timeline is None:
            timeline = yield from self._aligned_to_recognised(pcm, language, seconds)
        yield AlignedSpeech(timeline, (level_check(recording.samples),))

    def _aligned_to_recognised(
        self, pcm: Pcm, language: str, seconds: float
    ) -> Generator[Progress, None, SpeechTimeline]:
        """Yields progress. Returns the timeline by the first recogniser whose words are believed, or by the
        sounds that the last one has heard."""
        timeline = SpeechTimeline(seconds, language, confidence=0.0)
        recognisers = tuple(self._recognisers(language))
        for number, recogniser in enumerate(recognisers):
            words: list[str] = []
            for heard, position in _recognised(pcm, recogniser):
                words += heard
                yield Progress(0.1 + 0.8 * (number + position) / len(recognisers))
            timeline, believed = _aligned_to_words(pcm, words, recogniser, language, seconds)
            if believed:
                break
        return timeline

    def _recognisers(self, language: str) -> Iterator[Recogniser]:
        if self._has_whisper and is_english(language):
            self._whisper = self._whisper or whisper()
            yield self._whisper
        yield POCKETSPHINX


def _aligned_to_transcript(pcm: Pcm, transcript: str, language: str, seconds: float) -> SpeechTimeline | None:
    """Returns the timeline by the transcript; `None` if there is none, or it is of something else."""
    if len(transcript) > MAX_TRANSCRIPT_CHARACTERS:
        raise InvalidArgument(
            f"the transcript has {len(transcript)} characters: give {MAX_TRANSCRIPT_CHARACTERS} at most"
        )
    if not transcript.strip():
        return None
    aligner = ForcedAligner()
    words = pronounced(transcript, language, aligner)
    found = find_words(pcm, words, aligner)
    if found is None or found.misfit > MAX_FITTING_MISFIT:
        return None
    return build_timeline(words, found, language, seconds)


def _aligned_to_words(
    pcm: Pcm, recognised: list[str], recogniser: Recogniser, language: str, seconds: float
) -> tuple[SpeechTimeline, bool]:
    """Returns the timeline, and whether its words are believed; it has none otherwise."""
    aligner = ForcedAligner()
    words = pronounced(" ".join(recognised), ENGLISH, aligner)
    found = find_words(pcm, words, aligner)
    if found is None:
        return SpeechTimeline(seconds, language, confidence=0.0), False
    timeline = build_timeline(words, found, language, seconds)
    if is_english(language) and found.misfit <= recogniser.max_misfit:
        return replace(timeline, confidence=timeline.confidence * recogniser.certainty), True
    return without_words(timeline), False


def _recognised(pcm: Pcm, recogniser: Recogniser) -> Iterator[tuple[list[str], float]]:
    """Yields words, and how much of the speech they end at, from 0 to 1."""
    points = cut_points(pcm, RATE, recogniser.shortest, recogniser.longest)
    pieces = (pcm[start:end] for start, end in pairwise(points))
    for words, end in zip(recogniser.recognise(pieces), points[1:], strict=True):
        yield words, end / len(pcm)
