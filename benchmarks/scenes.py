"""Measures what the stage cache saves: ten scenes, one of them changed, and the same again.

    python -m benchmarks.scenes URL KEY PORTRAIT

URL and KEY are those of a running stack (`likeness status`). Prints the seconds from each request to the
completed video, and how many stages ran.
"""

import argparse
import secrets
import time
from pathlib import Path

import httpx2

from tests.e2e.api import Api

SCENES = 10
MAX_REQUEST_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("key")
    parser.add_argument("portrait", type=Path)
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {options.key}"}
    with httpx2.Client(base_url=options.url, headers=headers, timeout=MAX_REQUEST_SECONDS) as http:
        report(Api(http), options.portrait)


def report(api: Api, portrait: Path) -> None:
    """Makes the three videos and prints a line for each."""
    image = api.upload(portrait)
    salt = secrets.token_hex(3)
    scenes = [{"script": f"Scene {number} of the story {salt}."} for number in range(SCENES)]
    changed = [*scenes[:4], {"script": f"Something else, {salt}."}, *scenes[5:]]
    for name, requested in (("new", scenes), ("one scene changed", changed), ("the same again", changed)):
        started = time.monotonic()
        video = api.make(scenes=requested, image=image, size="512x512")
        took = time.monotonic() - started
        ran = sum(stage["cache"] == "miss" for stage in video["stages"])
        print(f"{name:18} {took:7.2f} s  {ran:3} stages ran  {video['seconds_saved']:7.2f} s saved")


if __name__ == "__main__":
    main()
