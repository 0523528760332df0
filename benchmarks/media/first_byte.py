"""How long `POST /v1/audio/speech` takes to its first byte of audio, for short and for long texts.

`python -m benchmarks.media.first_byte` starts a stack of its own and prints the table. Short and long texts
take turns, so that whatever else the machine does falls on both; every text is new, so that nothing is known.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

ROUNDS = 40
SHORT, LONG = 200, 2_000
FORMATS = ("mp3", "pcm")
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


def measure(url: str, api_key: str, rounds: int = ROUNDS) -> list[FirstByte]:
    """One result for each format, from a stack that runs already."""
    headers = {"Authorization": f"Bearer {api_key}"}
    with httpx2.Client(base_url=url, headers=headers, timeout=60) as client:
        for number in range(5):
            first_byte(client, text_of(SHORT, -number), FORMATS[0])
        return [_measure_format(client, audio_format, rounds) for audio_format in FORMATS]


def first_byte(client: httpx2.Client, text: str, audio_format: str) -> float:
    """In milliseconds. The rest of the speech is read as well, so that no engine is killed over it."""
    body = {"model": "espeak", "voice": "en-us", "input": text, "response_format": audio_format}
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
    """Sentences up to exactly that many characters."""
    text = SENTENCES[0].format(number=number)
    while len(text) < characters:
        text += " " + SENTENCES[len(text) % len(SENTENCES)].format(number=number)
    return text[:characters]


def print_table(results: list[FirstByte]) -> None:
    print(f"First byte of POST /v1/audio/speech, ms: median (p90) of {len(results[0].short)}")
    print(f"{'format':8}{f'{SHORT} chars':>16}{f'{LONG:,} chars':>16}{'ratio':>8}")
    for result in results:
        print(f"{result.audio_format:8}{_cell(result.short):>16}{_cell(result.long):>16}{result.ratio:8.2f}")


def main() -> None:
    with running_stack() as (url, api_key):
        print_table(measure(url, api_key))


@contextmanager
def running_stack() -> Iterator[tuple[str, str]]:
    """URL and key of a stack of its own, on a free port."""
    likeness = (sys.executable, "-m", "services.cli")
    with tempfile.TemporaryDirectory(prefix="likeness-bench-") as folder:
        data = ("--data", str(Path(folder) / "data"))
        subprocess.run([*likeness, "up", "--detach", *data], check=True, stdout=subprocess.DEVNULL)
        try:
            status = subprocess.check_output([*likeness, "status", *data, "--json"])
            yield (described := json.loads(status))["url"], described["api_key"]
        finally:
            subprocess.run([*likeness, "down", *data], check=True, stdout=subprocess.DEVNULL)


def _measure_format(client: httpx2.Client, audio_format: str, rounds: int) -> FirstByte:
    short: list[float] = []
    long: list[float] = []
    for number in range(rounds):
        short.append(first_byte(client, text_of(SHORT, number), audio_format))
        long.append(first_byte(client, text_of(LONG, number), audio_format))
    return FirstByte(audio_format, tuple(short), tuple(long))


def _cell(values: tuple[float, ...]) -> str:
    return f"{statistics.median(values):.1f} ({statistics.quantiles(values, n=10)[-1]:.1f})"


if __name__ == "__main__":
    main()
