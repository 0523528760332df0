"""How near the default voice engine comes to a reference speaker, and whether the words survive it."""

from dataclasses import dataclass

from benchmarks.media.reading import Reading, Samples, read_aloud, word_error_rate
from benchmarks.media.revoice import converted, write
from benchmarks.media.voice_measures import median_pitch, spectrum_distance
from benchmarks.media.workbench import READER, READER_TEXT, Workbench
from benchmarks.page import markdown
from benchmarks.speech import read_speech

HEAD = ("from → to", "pitch, Hz", "of the reference", "spectrum's distance, dB", "ratio", "words wrong")
NOTE = (
    "Thirty Harvard sentences by espeak-ng moved to a recording (`examples/reader.wav`), and the recording "
    "moved to espeak-ng's voice, at full strength. Pitch: median before → after, and how far the result is "
    "from the reference's. Distance: RMS over thirds of octaves from 100 Hz to 7 kHz between the long-term "
    "average spectra and the reference's, before → after. Words: PocketSphinx's errors before → after; for "
    "the sentences it knows their 163 words and nothing else, for the recording it has its large dictionary."
)


@dataclass(frozen=True, slots=True)
class Voice:
    name: str
    reading: Reading

    @property
    def sound(self) -> tuple[Samples, int]:
        return self.reading.samples, self.reading.rate


def measure(bench: Workbench) -> str:
    reader = Voice("`reader.wav`", recording())
    american, british = (Voice(f"`{voice}`", read_aloud(voice)) for voice in ("en-us", "en-gb"))
    pairs = ((american, reader), (british, reader), (reader, american))
    return "\n\n".join((markdown(HEAD, [row(bench, *pair) for pair in pairs]), NOTE))


def recording() -> Reading:
    samples, rate = read_speech(READER)
    return Reading(samples, rate, [READER_TEXT], [(0.0, len(samples) / rate)], vocabulary=())


def row(bench: Workbench, source: Voice, reference: Voice) -> tuple[str, ...]:
    after = Voice("", converted(bench, source.reading, write(bench, reference.reading)))
    before_pitch, pitch, wanted = (median_pitch(*each.sound) for each in (source, after, reference))
    before_distance, distance = (spectrum_distance(each.sound, reference.sound) for each in (source, after))
    before_errors, errors = (word_error_rate(each.reading) for each in (source, after))
    print(f"{source.name} → {reference.name}: {pitch / wanted - 1:+.1%}, {distance:.1f} dB", flush=True)
    return (
        f"{source.name} → {reference.name}",
        f"{before_pitch:.0f} → {pitch:.0f} ({wanted:.0f})",
        f"{pitch / wanted - 1:+.1%}",
        f"{before_distance:.1f} → {distance:.1f}",
        f"{distance / before_distance:.2f}",
        f"{before_errors:.0%} → {errors:.0%}",
    )
