"""Measures cloned voices: how alike they are to recordings that the engine never had, and what others hear.

Writes each voice's reading to out/clones as a WAV file, to be listened to.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import soundfile  # pyright: ignore[reportMissingTypeStubs]

from benchmarks.media.sentences import HARVARD
from benchmarks.media.voice_measures import Samples, median_pitch, spectrum_distance
from benchmarks.media.voices import words_wrong
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.recogniser import words_of
from benchmarks.speech import read_speech
from services.tts.engines.cloning.references import at_encoder_rate, without_pauses
from services.tts.engines.cloning.speaker_encoder import Embedding, SpeakerEncoder
from services.tts.engines.espeak.engine import EspeakEngine
from services.tts.engines.hibari.engine import HibariEngine
from services.tts.engines.kokoro.cloning.speaker_file import read_speaker, write_speaker
from services.tts.engines.kokoro.cloning.stock_voices import stock_voices
from services.tts.engines.kokoro.engine import KokoroEngine
from services.tts.engines.kokoro.voices import VOICES
from services.tts.engines.protocol import Cloning, Speaker, Speech, TtsEngine
from services.tts.normalization.normalize import normalize_plain
from services.voice.engines.protocol import Conversion
from services.voice.engines.whisper.engine import WhisperEngine
from services.voice.engines.world.engine import WorldEngine
from tests.examples import READER

RECORDINGS = Path(__file__).parent / "recordings"
SENTENCES = HARVARD[:10]
GAP_SECONDS = 0.5
OUT = Path("out/clones")
HEAD = (
    "voice",
    "cosine to other recordings",
    "pitch, Hz",
    "of the recording",
    "spectrum's distance, dB",
    "words wrong",
)
NOTE = (
    "Ten Harvard sentences, which no search has seen. *Cosine*: of speaker embeddings (GE2E) of the ten "
    "together and of recordings of the same person, of the same sitting, that the engine never had. *Pitch*: "
    "median by WORLD's harvest, and how far it is from that of the recording that the voice is made of. "
    "*Distance*: RMS over thirds of octaves from 100 Hz to 7 kHz between the long-term average spectra, "
    "level aside. *Words wrong*: by Whisper (tiny.en), which knows nothing of the text. The search goes by "
    "the cosine to the recording; pitch and spectrum are fitted by other measures than these. *Style "
    "alone* is the clone without the fit of pitch and spectrum; *world* moves speech to the recording "
    "afterwards."
)


@dataclass(frozen=True)
class Person:
    """A recording to clone, and another of the same person, which only judges."""

    name: str
    recording: Path
    later: Path
    encoder: SpeakerEncoder

    @cached_property
    def sound(self) -> tuple[Samples, int]:
        return read_speech(self.recording)

    @cached_property
    def pitch(self) -> float:
        return median_pitch(*self.sound)

    @cached_property
    def voice(self) -> Embedding:
        return embedded(self.encoder, *self.sound)

    @cached_property
    def unseen(self) -> Embedding:
        return embedded(self.encoder, *read_speech(self.later))


@dataclass(frozen=True, slots=True)
class Judges:
    """What listens to a reading."""

    encoder: SpeakerEncoder
    ears: WhisperEngine

    def row(self, label: str, person: Person, path: Path) -> tuple[str, ...]:
        samples, rate = read_speech(path)
        pitch = median_pitch(samples, rate)
        wrong = words_wrong(self.ears, path, SENTENCES) / sum(len(words_of(each)) for each in SENTENCES)
        row = (
            f"{person.name}: {label}",
            f"{embedded(self.encoder, samples, rate) @ person.unseen:.3f}",
            f"{pitch:.0f}",
            f"{pitch / person.pitch - 1:+.1%}",
            f"{spectrum_distance((samples, rate), person.sound):.1f}",
            f"{wrong:.1%}",
        )
        print(" | ".join(row), flush=True)
        return row


def measure(_: Workbench) -> str:
    """Returns the table of both people, with its note."""
    OUT.mkdir(parents=True, exist_ok=True)
    judges = Judges(SpeakerEncoder(), WhisperEngine())
    judges.ears.open()
    people = (
        Person("reader", READER, RECORDINGS / "reader_later.flac", judges.encoder),
        Person("Kennedy", RECORDINGS / "kennedy.flac", RECORDINGS / "kennedy_later.flac", judges.encoder),
    )
    kokoro = KokoroEngine()
    kokoro.open()
    rows, notes = list[tuple[str, ...]](), [NOTE]
    for person in people:
        found, note = _rows(judges, person, kokoro)
        rows += found
        notes.append(note)
    return "\n\n".join((markdown(HEAD, rows), " ".join(notes)))


def embedded(encoder: SpeakerEncoder, samples: Samples, rate: int) -> Embedding:
    """Returns the voice in speech, without its pauses."""
    return encoder.embed(at_encoder_rate(without_pauses(samples, rate), rate))


def _rows(judges: Judges, person: Person, kokoro: KokoroEngine) -> tuple[list[tuple[str, ...]], str]:
    stem = OUT / person.name.lower()
    speaker, bare = stem.with_suffix(".json"), stem.with_suffix(".style.json")
    begin, cpu = time.perf_counter(), time.process_time()
    made = next(
        each for each in kokoro.clone(Cloning((person.recording,), speaker)) if isinstance(each, Speaker)
    )
    wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
    plain = read_speaker(speaker)
    write_speaker(replace(plain, semitones=0.0, gain=(0.0,) * len(plain.gain)), bare)
    stock = stock_voices(list(VOICES))
    nearest = max(stock, key=lambda name: float(stock[name] @ person.voice))

    def reading(engine: TtsEngine, voice: str, suffix: str, speaker: Path | None = None) -> Path:
        return read_out(engine, voice, stem.with_suffix(f".{suffix}.wav"), speaker)

    espeak, hibari = EspeakEngine(), HibariEngine()
    for engine in (espeak, hibari):
        engine.open()
    robot = reading(espeak, "en-us", "espeak")
    shipped = reading(kokoro, "af_heart", "clone", speaker)
    readings: Sequence[tuple[str, Callable[[], Path]]] = (
        ("espeak", lambda: robot),
        ("espeak + world", lambda: moved(robot, person)),
        ("hibari", lambda: reading(hibari, "heart", "hibari")),
        (f"nearest stock voice, `{nearest}`", lambda: reading(kokoro, nearest, "nearest")),
        ("clone, style alone", lambda: reading(kokoro, "af_heart", "style", bare)),
        ("**clone**", lambda: shipped),
        ("clone + world", lambda: moved(shipped, person)),
    )
    note = (
        f"{person.name}: made of {made.seconds:.1f} s of speech in {wall:.0f} s ({cpu:.0f} s of CPU time); "
        f"the recording itself is alike to the others by {person.voice @ person.unseen:.3f}."
    )
    return [judges.row(label, person, path()) for label, path in readings], note


def read_out(engine: TtsEngine, voice: str, path: Path, speaker: Path | None) -> Path:
    """Writes the sentences as an engine speaks them, with pauses between them."""
    parts, rate = list[np.ndarray](), 0
    for sentence in SENTENCES:
        for chunk in engine.synthesize(Speech(normalize_plain(sentence, "en"), voice, speaker=speaker)):
            rate = chunk.sample_rate
            parts.append(chunk.samples)
        parts.append(np.zeros(round(GAP_SECONDS * rate), np.int16))
    soundfile.write(path, np.concatenate(parts), rate)
    return path


def moved(speech: Path, person: Person) -> Path:
    """Writes speech moved to the person's recording by the `world` engine."""
    output = speech.with_suffix(".world.wav")
    world = WorldEngine()
    world.open()
    for _ in world.convert(Conversion(speech, output, reference=person.recording)):
        pass
    world.close()
    return output
