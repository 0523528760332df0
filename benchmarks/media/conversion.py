"""Measures how close the default voice engine comes to a reference speaker, and how many words survive it."""

from dataclasses import dataclass
from functools import cached_property

from benchmarks.media.reading import Reading, Samples, read_aloud, word_error_rate
from benchmarks.media.revoice import converted, write
from benchmarks.media.voice_measures import median_pitch, spectrum_distance
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.speech import read_speech
from tests.examples import READER, READER_TEXT

HEAD = ("from → to", "pitch, Hz", "of the reference", "spectrum's distance, dB", "ratio", "words wrong")
NOTE = (
    "Thirty Harvard sentences by espeak-ng moved to a recording (`examples/reader.wav`), and the recording "
    "moved to espeak-ng's voice, at full strength. Pitch: median before → after, and how far the result is "
    "from the reference's. Distance: RMS over thirds of octaves from 100 Hz to 7 kHz between the long-term "
    "average spectra and the reference's, before → after. Words: PocketSphinx's errors before → after; for "
    "the sentences as in the table below, for the recording with its large dictionary."
)


@dataclass(frozen=True)
class Voice:
    """A reading by one voice. Its measures are computed once."""

    name: str
    reading: Reading

    @property
    def sound(self) -> tuple[Samples, int]:
        return self.reading.samples, self.reading.rate

    @cached_property
    def pitch(self) -> float:
        return median_pitch(*self.sound)

    @cached_property
    def errors(self) -> float:
        return word_error_rate(self.reading)


def measure(bench: Workbench) -> str:
    """Returns the table of conversions with its note."""
    reader = Voice("`reader.wav`", recording())
    american, british = (Voice(f"`{voice}`", read_aloud(voice)) for voice in ("en-us", "en-gb"))
    pairs = ((american, reader), (british, reader), (reader, american))
    return "\n\n".join((markdown(HEAD, [row(bench, *pair) for pair in pairs]), NOTE))


def recording() -> Reading:
    """Returns the example recording of a reader, as one sentence."""
    samples, rate = read_speech(READER)
    return Reading(samples, rate, [READER_TEXT], [(0.0, len(samples) / rate)], vocabulary=())


def row(bench: Workbench, source: Voice, reference: Voice) -> tuple[str, ...]:
    """Converts the source to the reference, and returns the row of the table."""
    after = Voice("", converted(bench, source.reading, write(bench, reference.reading)))
    before_distance, distance = (spectrum_distance(each.sound, reference.sound) for each in (source, after))
    off = after.pitch / reference.pitch - 1
    print(f"{source.name} → {reference.name}: {off:+.1%}, {distance:.1f} dB", flush=True)
    return (
        f"{source.name} → {reference.name}",
        f"{source.pitch:.0f} → {after.pitch:.0f} ({reference.pitch:.0f})",
        f"{off:+.1%}",
        f"{before_distance:.1f} → {distance:.1f}",
        f"{distance / before_distance:.2f}",
        f"{source.errors:.0%} → {after.errors:.0%}",
    )
