"""An innocent client of a stack under attack: a process that measures how it is served.

It asks for `/healthz` every 20 ms on a connection of its own, and makes videos of one sentence, one after
the other. Each measure is a line of JSON on its standard output; it ends after the video during which its
standard input was closed. It connects from another address than the attackers.
"""

import http.client
import io
import itertools
import json
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx2

from tests.examples import PORTRAIT

OWN_ADDRESS = "127.0.0.2"
PROBE_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
ANIMALS = ("fox", "owl", "cat", "dog", "hen", "elk", "bat")
PLACES = ("lake", "road", "farm", "wall", "tree")
TERMINAL = ("completed", "failed", "cancelled")


def main() -> None:
    host, port, key = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    report = Report(sys.stdout)
    threading.Thread(target=probe_for_ever, args=(host, port, report), daemon=True).start()
    stop = threading.Event()
    threading.Thread(target=wait_for_end_of_input, args=(stop,), daemon=True).start()
    transport = httpx2.HTTPTransport(local_address=OWN_ADDRESS)
    with httpx2.Client(
        base_url=f"http://{host}:{port}",
        headers={"Authorization": f"Bearer {key}"},
        timeout=PATIENCE_SECONDS,
        transport=transport,
    ) as client:
        make_videos(client, report, stop)


def wait_for_end_of_input(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


class Report:
    """Writes measures as lines of JSON, from any thread."""

    def __init__(self, out: io.TextIOBase | Any) -> None:
        self._out = out
        self._lock = threading.Lock()

    def write(self, what: str, began: float, seconds: float, outcome: str) -> None:
        line = json.dumps({"what": what, "began": began, "seconds": seconds, "outcome": outcome})
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()


def probe_for_ever(host: str, port: int, report: Report) -> None:
    """Asks for `/healthz` at fixed moments.

    While one answer is awaited, the moments that pass count as asked for too: a stall of 10 s is 500 slow
    answers, not a single one.
    """
    connection = http.client.HTTPConnection(host, port, PATIENCE_SECONDS, source_address=(OWN_ADDRESS, 0))
    moment = time.monotonic()
    while True:
        time.sleep(max(0.0, moment - time.monotonic()))
        outcome = probe(connection)
        answered = time.monotonic()
        while moment < answered:
            report.write("health", moment, answered - moment, outcome)
            moment += PROBE_SECONDS


def probe(connection: http.client.HTTPConnection) -> str:
    try:
        connection.request("GET", "/healthz")
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__
    return str(response.status)


def make_videos(client: httpx2.Client, report: Report, stop: threading.Event) -> None:
    with PORTRAIT.open("rb") as file:
        image = (
            client.post("/v1/assets", files={"file": (PORTRAIT.name, file)}).raise_for_status().json()["id"]
        )
    for sentence in sentences():
        if stop.is_set():
            break
        began = time.monotonic()
        try:
            outcome = make_video(client, sentence, image)
        except (httpx2.HTTPError, TimeoutError) as error:
            outcome = type(error).__name__
        report.write("video", began, time.monotonic() - began, outcome)


def sentences() -> Iterator[str]:
    """Yields sentences of the same length, no two alike: a known one would not be spoken again."""
    for turn in itertools.count():
        for animal, other, place in itertools.product(ANIMALS, ANIMALS, PLACES):
            yield f"The {animal} met the {other} at the {place}{'.' * turn}."


def make_video(client: httpx2.Client, sentence: str, image: str) -> str:
    """Returns the status with which the video has ended, or the code of the refusal."""
    response = client.post("/v1/videos", json={"script": sentence, "image": image})
    if response.status_code != 200:
        return f"{response.status_code} {response.text[:200]}"
    video_id = response.json()["id"]
    deadline = time.monotonic() + PATIENCE_SECONDS
    with client.stream("GET", f"/v1/videos/{video_id}/events") as events:
        for line in events.iter_lines():
            if line.startswith("data: ") and (status := status_in(line)) in TERMINAL:
                return status
            if time.monotonic() > deadline:
                raise TimeoutError
    return f"events ended with status {events.status_code}"


def status_in(line: str) -> str:
    event: dict[str, Any] = json.loads(line.removeprefix("data: "))
    return event["video"]["status"]


if __name__ == "__main__":
    main()
