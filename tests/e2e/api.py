"""What the end-to-end tests ask of the API."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2

PATIENCE_SECONDS = 180.0
TERMINAL = ("completed", "failed", "cancelled")


class Api:
    def __init__(self, http: httpx2.Client) -> None:
        self.http = http

    def upload(self, path: Path) -> str:
        response = self.http.post("/v1/assets", files={"file": (path.name, path.read_bytes())})
        assert response.status_code == 201, response.text
        return response.json()["id"]

    def create(self, **request: Any) -> dict[str, Any]:
        response = self.http.post("/v1/videos", json=request)
        assert response.status_code == 200, response.text
        return response.json()

    def get(self, video_id: str) -> dict[str, Any]:
        return self.http.get(f"/v1/videos/{video_id}").raise_for_status().json()

    def events(self, video_id: str, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """Ids and data of the video's events, until it has ended."""
        headers = {"Last-Event-ID": str(after)} if after else {}
        url = f"/v1/videos/{video_id}/events"
        with self.http.stream("GET", url, headers=headers, timeout=PATIENCE_SECONDS) as response:
            data: dict[str, Any] = {}
            for line in response.iter_lines():
                field, _, value = line.partition(": ")
                if field == "data":
                    data = json.loads(value)
                elif field == "id":
                    yield int(value), data

    def wait(self, video_id: str) -> dict[str, Any]:
        """The video once it has ended."""
        for _, event in self.events(video_id):
            if event["video"]["status"] in TERMINAL:
                break
        return self.get(video_id)

    def make(self, **request: Any) -> dict[str, Any]:
        video = self.wait(self.create(**request)["id"])
        assert video["status"] == "completed", video
        return video

    def download(self, video_id: str, path: Path, variant: str = "video") -> Path:
        response = self.http.get(f"/v1/videos/{video_id}/content", params={"variant": variant})
        path.write_bytes(response.raise_for_status().content)
        return path


def stage(video: dict[str, Any], service: str) -> dict[str, Any]:
    return next(each for each in video["stages"] if each["service"] == service)
