"""What the stage cache spares: ten scenes, one of them changed, and the same once more.

    python -m benchmarks.scenes URL KEY PORTRAIT

URL and KEY are those of a running stack (`likeness status`). Prints the seconds from each request to the
completed video, and how many stages ran.
"""

import argparse
import secrets
import time
from pathlib import Path
from typing import Any

import httpx2

SCENES = 10
PATIENCE_SECONDS = 600.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("key")
    parser.add_argument("portrait", type=Path)
    options = parser.parse_args()
    headers = {"Authorization": f"Bearer {options.key}"}
    with httpx2.Client(base_url=options.url, headers=headers, timeout=PATIENCE_SECONDS) as http:
        report(http, options.portrait)


def report(http: httpx2.Client, portrait: Path) -> None:
    files = {"file": (portrait.name, portrait.read_bytes())}
    image = http.post("/v1/assets", files=files).raise_for_status().json()["id"]
    salt = secrets.token_hex(3)
    scenes = [{"script": f"Scene {number} of the story {salt}."} for number in range(SCENES)]
    changed = [*scenes[:4], {"script": f"Something else, {salt}."}, *scenes[5:]]
    for name, asked in (("new", scenes), ("one scene changed", changed), ("the same again", changed)):
        started = time.monotonic()
        video = make(http, {"scenes": asked, "image": image, "size": "512x512"})
        ran = sum(stage["cache"] == "miss" for stage in video["stages"])
        took = time.monotonic() - started
        print(f"{name:18} {took:7.2f} s  {ran:3} stages ran  {video['seconds_saved']:7.2f} s saved")


def make(http: httpx2.Client, request: dict[str, Any]) -> dict[str, Any]:
    """Follows the video's events to its end."""
    video = http.post("/v1/videos", json=request).raise_for_status().json()
    if video["status"] != "completed":
        with http.stream("GET", f"/v1/videos/{video['id']}/events") as events:
            for _ in events.iter_lines():
                pass
        video = http.get(f"/v1/videos/{video['id']}").raise_for_status().json()
    if video["status"] != "completed":
        raise SystemExit(f"The video has not been completed: {video['error']}")
    return video


if __name__ == "__main__":
    main()
