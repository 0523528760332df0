"""Measures the time from `POST /v1/audio/speech` to the first byte of audio, for short and for long texts."""

import statistics
import time
from dataclasses import dataclass

import httpx2

from benchmarks.media.workbench import Workbench
from benchmarks.page import markdown

ROUNDS = 40
SHORT, LONG = 200, 2_000
FORMATS = ("mp3", "pcm")
WARM_UP_REQUESTS = 5
HEAD = ("format", f"{SHORT} characters, ms", f"{LONG:,} characters, ms", "ratio of the medians")
NOTE = (
    f"From sending the request to the first byte of its body: median (90th percentile) of {ROUNDS}. Short "
    "and long texts take turns, so that whatever else the machine does falls on both; every text is new to "
    "the stack."
)
SENTENCES = (
    "Request number {number} asks for the weather of tomorrow, and gets an honest answer.",
    "On 12 March 2024 the parcel weighed 3.5 kg and cost $1,250.",
    "Nobody in the harbour had expected the ferry before ten, least of all the captain.",
    "Dr. Young called at 7:45, left no message, and called again.",
)


@dataclass(frozen=True, slots=True)
class FirstByte:
    """Milliseconds from sending the request to the first byte of its body, one for each round."""

    audio_format: str
    short: tuple[float, ...]
    long: tuple[float, ...]

    @property
    def ratio(self) -> float:
        return statistics.median(self.long) / statistics.median(self.short)


def measure(bench: Workbench) -> str:
    """Returns the table of formats with its note."""
    for number in range(WARM_UP_REQUESTS):
        first_byte(bench.http, text_of(SHORT, -number), FORMATS[0])
    results = [measure_format(bench.http, audio_format) for audio_format in FORMATS]
    return "\n\n".join((markdown(HEAD, [row(result) for result in results]), NOTE))


def first_byte(client: httpx2.Client, text: str, audio_format: str) -> float:
    """Returns the milliseconds to the first byte.

    The rest of the speech is read as well: an engine is killed if its client leaves.
    """
    body = {"input": text, "response_format": audio_format}
    begin = time.perf_counter()
    with client.stream("POST", "/v1/audio/speech", json=body) as response:
        response.raise_for_status()
        blocks = response.iter_raw()
        while not next(blocks):
            pass
        taken = time.perf_counter() - begin
        for _ in blocks:
            pass
    return 1000 * taken


def text_of(characters: int, number: int) -> str:
    """Returns sentences cut to exactly that many characters. Another number gives another text."""
    text = SENTENCES[0].format(number=number)
    while len(text) < characters:
        text += " " + SENTENCES[len(text) % len(SENTENCES)].format(number=number)
    return text[:characters]


def measure_format(client: httpx2.Client, audio_format: str) -> FirstByte:
    """Measures short and long texts in turns."""
    short: list[float] = []
    long: list[float] = []
    for number in range(ROUNDS):
        short.append(first_byte(client, text_of(SHORT, number), audio_format))
        long.append(first_byte(client, text_of(LONG, number), audio_format))
    return FirstByte(audio_format, tuple(short), tuple(long))


def row(result: FirstByte) -> tuple[str, ...]:
    return result.audio_format, _cell(result.short), _cell(result.long), f"{result.ratio:.2f}"


def _cell(values: tuple[float, ...]) -> str:
    return f"{statistics.median(values):.1f} ({statistics.quantiles(values, n=10)[-1]:.1f})"
