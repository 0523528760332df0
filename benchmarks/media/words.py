"""Measures how many words are understood in speech, in speech with each effect, and after conversion."""

from benchmarks.media.reading import (
    SENTENCES_TO_GET_USED_TO,
    THROATS,
    Reading,
    backwards,
    read_aloud,
    word_error_rate,
)
from benchmarks.media.revoice import converted, with_effect
from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown
from benchmarks.recogniser import EXPECTED
from services.voice.engines.effects.presets import PRESETS
from tests.examples import READER

VOICES = ("en-us", "en-gb")
HEAD = ("speech", "words wrong")
NOTE = (
    "Thirty Harvard sentences (lists 1 to 3, whole, 240 words), each recognised by itself by PocketSphinx, "
    "the same for every row. It knows the 163 words of these sentences alone, and relies on their order "
    f"with {EXPECTED:.0%}: so often it expects a word that follows there, otherwise any, each as likely as "
    f"another. As a listener gets used to a speaker, it chooses for each row, by what fits the first "
    f"{SENTENCES_TO_GET_USED_TO} sentences best without knowing them, one of {len(THROATS)} sizes of the "
    "throat; to rooms, bands and noise it does not get used, for its model was trained on people who read in "
    "quiet. So a row tells what it loses against the first, no more. Effects are on the first voice. Of "
    "sentences played backwards it gets right what can be guessed."
)


def measure(bench: Workbench) -> str:
    """Returns the table of voices, conversion and effects with its note."""
    readings = {voice: read_aloud(voice) for voice in VOICES}
    first = readings[VOICES[0]]
    rows = [row(f"espeak-ng, `{voice}`", reading) for voice, reading in readings.items()]
    rows.append(row(f"`{VOICES[0]}` moved to `reader.wav`", converted(bench, first, READER)))
    rows += [row(f"effect `{preset.name}`", with_effect(bench, first, preset)) for preset in PRESETS]
    rows.append(row(f"`{VOICES[0]}`, each sentence backwards", backwards(first)))
    return "\n\n".join((markdown(HEAD, rows), NOTE))


def row(name: str, reading: Reading) -> tuple[str, ...]:
    """Returns the row of a reading: its word error rate."""
    share = word_error_rate(reading)
    print(f"{name}: {share:.0%}", flush=True)
    return name, f"{share:.0%}"
