"""The `sphinx` engine: finds words and phonemes of recordings with PocketSphinx, whose wheel has the model.

The model is of English, but a transcript in another language is found as well with each of its sounds as
the nearest English one: for twelve languages half of the sounds begin within 9 ms of their true times.
"""

from collections.abc import Iterator
from itertools import pairwise

from services.chassis.engine_api.spec import EngineLimits, EngineSpec, Progress
from services.chassis.engine_api.timeline import SpeechTimeline
from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted
from services.voice.engines.level import level_check
from services.voice.engines.protocol import AlignedSpeech, Alignment
from services.voice.engines.recording import read_recording
from services.voice.engines.segments import cut_points
from services.voice.engines.sphinx.phonemizer import known_languages, phonemizer
from services.voice.engines.sphinx.pronunciation import Pronunciation, pronounce
from services.voice.engines.sphinx.recogniser import ForcedAligner, HeardWords, recognise
from services.voice.engines.sphinx.sound import RATE, Pcm, recogniser_input
from services.voice.engines.sphinx.words import build_timeline, recognised_timeline

ENGLISH = "en-US"
MAX_TRANSCRIPT_CHARACTERS = 100_000
# Measured with twelve languages: the right words 14 to 49, other words 50 to 76.
_MAX_FITTING_MISFIT = 52.0
# Recognised words of clear English are below this; English that was made of German is not.
_MAX_BELIEVED_MISFIT = 26.0


class SphinxEngine:
    """An alignment engine with a new recogniser for every speech, so that no result depends on another."""

    @property
    def spec(self) -> EngineSpec:
        return EngineSpec(
            service="voice",
            name="sphinx",
            version="2",
            languages=known_languages(),
            limits=EngineLimits(max_seconds=3600.0, max_characters=MAX_TRANSCRIPT_CHARACTERS),
            operations=("align",),
        )

    def open(self) -> None:
        """Does nothing: the model is read for each speech, which takes a tenth of a second."""

    def close(self) -> None:
        """Does nothing: nothing is held."""

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
            words: list[str] = []
            for heard, position in _recognised(pcm):
                words += heard
                yield Progress(0.1 + 0.7 * position)
            timeline = _aligned_to_recognised(pcm, words, language, seconds)
        yield AlignedSpeech(timeline, (level_check(recording.samples),))


def _aligned_to_transcript(pcm: Pcm, transcript: str, language: str, seconds: float) -> SpeechTimeline | None:
    """Returns the timeline by the transcript; `None` if there is none, or it is of something else."""
    if len(transcript) > MAX_TRANSCRIPT_CHARACTERS:
        raise InvalidArgument(
            f"the transcript has {len(transcript)} characters: give {MAX_TRANSCRIPT_CHARACTERS} at most"
        )
    if not transcript.strip():
        return None
    aligner = ForcedAligner()
    words = _pronounced(transcript, language, aligner)
    found = _found(pcm, words, aligner)
    if found is None or found.misfit > _MAX_FITTING_MISFIT:
        return None
    return build_timeline(words, found, language, seconds)


def _aligned_to_recognised(pcm: Pcm, recognised: list[str], language: str, seconds: float) -> SpeechTimeline:
    aligner = ForcedAligner()
    words = _pronounced(" ".join(recognised), ENGLISH, aligner)
    found = _found(pcm, words, aligner)
    if found is None:
        return SpeechTimeline(seconds, language, confidence=0.0)
    timeline = build_timeline(words, found, language, seconds)
    believed = language.lower().startswith("en") and found.misfit <= _MAX_BELIEVED_MISFIT
    return recognised_timeline(timeline, believed=believed)


def _pronounced(transcript: str, language: str, aligner: ForcedAligner) -> list[Pronunciation]:
    with phonemizer(language) as sounds:
        if sounds is None:
            raise InvalidArgument(
                f"the language {quoted(language)} of the transcript is not known: "
                "give a BCP 47 tag such as de or pt-BR"
            )
        english = language.lower().startswith("en")
        return pronounce(transcript, sounds, aligner.knows if english else None)


def _found(pcm: Pcm, words: list[Pronunciation], aligner: ForcedAligner) -> HeardWords | None:
    aligner.learn((word.name, word.phones) for word in words if word.learned)
    return aligner.find(pcm, [word.name for word in words]) if words else None


def _recognised(pcm: Pcm) -> Iterator[tuple[list[str], float]]:
    """Yields words, and how much of the speech they end at, from 0 to 1."""
    points = cut_points(pcm, RATE)
    pieces = (pcm[start:end] for start, end in pairwise(points))
    for words, end in zip(recognise(pieces), points[1:], strict=True):
        yield words, end / len(pcm)
