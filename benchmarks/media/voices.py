"""Measures the voices of the TTS engines: words understood, times of words and phonemes, speed.

Writes each voice's reading to out/voices as a WAV file, to be listened to.
"""

import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from benchmarks.media.sentences import HARVARD
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.recogniser import word_errors, words_of
from services.chassis.engine_api.timeline import SpeechTimeline, TimedPhoneme, TimedWord
from services.chassis.engine_api.transcript import Transcript
from services.chassis.errors import EngineUnavailable
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.hibari.engine import HibariEngine
from services.tts.engines.kokoro.engine import KokoroEngine
from services.tts.engines.protocol import AudioChunk, Speech, TtsEngine
from services.tts.normalization.normalize import normalize_plain
from services.voice.engines.protocol import AlignedSpeech, Alignment, Transcription
from services.voice.engines.sphinx.engine import SphinxEngine
from services.voice.engines.whisper.engine import WhisperEngine

VOICES: Sequence[tuple[Callable[[], TtsEngine], Sequence[str]]] = (
    (EspeakEngine, ("en-us",)),
    (HibariEngine, ("heart",)),
    (KokoroEngine, ("af_heart", "am_michael", "bf_emma", "bm_george")),
)
LISTS = [HARVARD[start : start + 10] for start in range(0, len(HARVARD), 10)]
GAP_SECONDS, EDGE_SECONDS = 0.5, 0.25
NEAR_SECONDS = 0.03
HEARD_AS = {"smokey": "smoky", "50": "fifty", "for": "four", "4": "four", "2": "two", "to": "two"}
"""Other spellings of words of these sentences, which sound the same."""
OUT = Path("out/voices")
HEAD = (
    "voice",
    "words wrong",
    "word starts, ends, phonemes within 30 ms",
    "word starts off, median / 90th percentile, ms",
    "times real time",
    "first sound, ms",
)
NOTE = (
    "Thirty Harvard sentences, of which ten make a recording. *Words wrong*: whisper (tiny.en) writes down "
    "what it hears and knows nothing of the text; words that sound the same count as heard. *Within 30 ms*: "
    "against the forced aligner of the `sphinx` engine, for each sentence by itself; espeak's own events "
    "show how far that is to be trusted. *Times real time*: seconds of speech made in a second of CPU time. "
    "*First sound*: from the call of the engine to its first chunk, for these sentences."
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence as an engine speaks it: samples, shape (n,), its times, and how long it took."""

    samples: NDArray[np.float32]
    rate: int
    words: Sequence[TimedWord]
    phonemes: Sequence[TimedPhoneme]
    cpu_seconds: float
    first_seconds: float


def measure(_: Workbench) -> str:
    """Returns the table of all voices that are installed, with its note."""
    ears, aligner = WhisperEngine(), SphinxEngine()
    ears.open()
    aligner.open()
    rows = [row for make, voices in VOICES for row in _rows(make(), voices, ears, aligner)]
    return "\n\n".join((markdown(HEAD, rows), NOTE))


def opens(engine: TtsEngine) -> bool:
    """Opens the engine. Returns whether it could be opened; if not, the reason is printed."""
    try:
        engine.open()
    except (EngineUnavailable, ModuleNotFoundError) as exc:
        print(f"{engine.spec.name} is not here: {exc}", flush=True)
        return False
    return True


def _rows(
    engine: TtsEngine, voices: Sequence[str], ears: WhisperEngine, aligner: SphinxEngine
) -> list[tuple[str, ...]]:
    if not opens(engine):
        return []
    rows = [_row(engine, voice, ears, aligner) for voice in voices]
    engine.close()
    return rows


def _row(engine: TtsEngine, voice: str, ears: WhisperEngine, aligner: SphinxEngine) -> tuple[str, ...]:
    speak(engine, voice, HARVARD[0])
    spoken = [speak(engine, voice, sentence) for sentence in HARVARD]
    wrong = sum(
        _words_wrong(ears, f"{engine.spec.name}-{voice}-{number}", spoken[10 * number :][:10], sentences)
        for number, sentences in enumerate(LISTS)
    )
    share = wrong / sum(len(words_of(sentence)) for sentence in HARVARD)
    starts, ends, phones = _distances(aligner, spoken)
    seconds = sum(len(each.samples) / each.rate for each in spoken)
    near = " / ".join(f"{np.mean(np.abs(each) <= NEAR_SECONDS):.0%}" for each in (starts, ends, phones))
    off = f"{1000 * np.median(np.abs(starts)):.0f} / {1000 * np.percentile(np.abs(starts), 90):.0f}"
    speed = seconds / sum(each.cpu_seconds for each in spoken)
    first = 1000 * statistics.median(each.first_seconds for each in spoken)
    row = f"{engine.spec.name}, `{voice}`", f"{share:.1%}", near, off, f"{speed:.1f}", f"{first:.0f}"
    print(" | ".join(row), flush=True)
    return row


def speak(engine: TtsEngine, voice: str, sentence: str) -> Spoken:
    """Returns the sentence as the engine speaks it."""
    cpu, begin, first = time.process_time(), time.perf_counter(), 0.0
    chunks: list[AudioChunk] = []
    for chunk in engine.synthesize(Speech(normalize_plain(sentence, "en"), voice)):
        first = first or time.perf_counter() - begin
        chunks.append(chunk)
    return Spoken(
        np.concatenate([chunk.samples.astype(np.float32) for chunk in chunks]) / np.float32(32768),
        chunks[0].sample_rate,
        [word for chunk in chunks for word in chunk.words],
        [phoneme for chunk in chunks for phoneme in chunk.phonemes],
        time.process_time() - cpu,
        first,
    )


def _words_wrong(ears: WhisperEngine, name: str, spoken: Sequence[Spoken], sentences: Sequence[str]) -> int:
    OUT.mkdir(parents=True, exist_ok=True)
    path, rate = OUT / f"{name}.wav", spoken[0].rate
    gap = np.zeros(round(GAP_SECONDS * rate), np.float32)
    soundfile.write(path, np.concatenate([part for each in spoken for part in (gap, each.samples)]), rate)
    return words_wrong(ears, path, sentences)


def words_wrong(ears: WhisperEngine, path: Path, sentences: Sequence[str]) -> int:
    """Returns how many words of the sentences Whisper does not hear in a recording."""
    transcript = next(item for item in ears.transcribe(Transcription(path)) if isinstance(item, Transcript))
    heard = re.findall(r"[a-z0-9']+", transcript.text.lower())
    written = words_of(" ".join(sentences))
    return word_errors(list(map(_as_heard, written)), list(map(_as_heard, heard)))


def _as_heard(word: str) -> str:
    return HEARD_AS.get(word, word)


def _distances(aligner: SphinxEngine, spoken: Sequence[Spoken]) -> tuple[NDArray[np.float64], ...]:
    """Returns by how many seconds starts and ends of words, and starts of phonemes within them, are later
    than the aligner's. Sentences or words of which it finds other parts are left out."""
    starts, ends, phones = list[float](), list[float](), list[float]()
    for sentence, each in zip(HARVARD, spoken, strict=True):
        timeline = _aligned(aligner, sentence, each)
        if len(timeline.words) != len(each.words):
            continue
        for mine, found in zip(each.words, timeline.words, strict=True):
            starts.append(mine.start - found.start)
            ends.append(mine.end - found.end)
            ours, theirs = _within(each.phonemes, mine), _within(timeline.phonemes, found)
            if len(ours) == len(theirs):
                phones += [a.start - b.start for a, b in zip(ours[1:], theirs[1:], strict=True)]
    return np.array(starts), np.array(ends), np.array(phones)


def _aligned(aligner: SphinxEngine, sentence: str, spoken: Spoken) -> SpeechTimeline:
    edge = np.zeros(round(EDGE_SECONDS * spoken.rate), np.float32)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sentence.wav"
        soundfile.write(path, np.concatenate([edge, spoken.samples, edge]), spoken.rate)
        aligned = next(
            item for item in aligner.align(Alignment(path, sentence, "en")) if isinstance(item, AlignedSpeech)
        )
    return aligned.timeline.between(EDGE_SECONDS, aligned.timeline.duration)


def _within(phonemes: Sequence[TimedPhoneme], word: TimedWord) -> list[TimedPhoneme]:
    return [each for each in phonemes if each.start >= word.start - 1e-6 and each.end <= word.end + 1e-6]
