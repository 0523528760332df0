"""How many words are still understood: of speech, through each effect, and through conversion."""

from benchmarks.media.reading import Reading, read_aloud, word_error_rate
from benchmarks.media.revoice import converted, with_effect
from benchmarks.media.workbench import READER, Workbench
from benchmarks.page import markdown
from services.voice.engines.effects.presets import PRESETS

VOICES = ("en-us", "en-gb")
HEAD = ("speech", "words wrong")
NOTE = (
    "Thirty Harvard sentences (lists 1 to 3, whole, 240 words), each recognised by itself by PocketSphinx, "
    "which knows their 163 words, each as likely as another in any place: its model was trained on people, "
    "and with its large dictionary it gets some two thirds of espeak-ng's words wrong. Effects are on the "
    "first voice."
)


def measure(bench: Workbench) -> str:
    readings = {voice: read_aloud(voice) for voice in VOICES}
    first = readings[VOICES[0]]
    rows = [row(f"espeak-ng, `{voice}`", reading) for voice, reading in readings.items()]
    rows.append(row(f"`{VOICES[0]}` moved to `reader.wav`", converted(bench, first, READER)))
    rows += [row(f"effect `{preset.name}`", with_effect(bench, first, preset)) for preset in PRESETS]
    return "\n\n".join((markdown(HEAD, rows), NOTE))


def row(name: str, reading: Reading) -> tuple[str, ...]:
    share = word_error_rate(reading)
    print(f"{name}: {share:.0%}", flush=True)
    return name, f"{share:.0%}"
