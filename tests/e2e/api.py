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

    def create(self, url: str = "/v1/videos", **request: Any) -> dict[str, Any]:
        response = self.http.post(url, json=request)
        assert response.status_code == 200, response.text
        return response.json()

    def get(self, job_id: str) -> dict[str, Any]:
        return self.http.get(f"/v1/jobs/{job_id}").raise_for_status().json()

    def events(self, job_id: str, after: int = 0) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yields ids and data of the job's events, until it has ended."""
        headers = {"Last-Event-ID": str(after)} if after else {}
        url = f"/v1/jobs/{job_id}/events"
        with self.http.stream("GET", url, headers=headers, timeout=PATIENCE_SECONDS) as response:
            data: dict[str, Any] = {}
            for line in response.iter_lines():
                field, _, value = line.partition(": ")
                if field == "data":
                    data = json.loads(value)
                elif field == "id":
                    yield int(value), data

    def wait(self, job_id: str) -> dict[str, Any]:
        """Returns the job once it has ended."""
        kind = job_id.partition("_")[0]
        for _, event in self.events(job_id):
            if event[kind]["status"] in TERMINAL:
                break
        return self.get(job_id)

    def make(self, url: str = "/v1/videos", **request: Any) -> dict[str, Any]:
        job = self.wait(self.create(url, **request)["id"])
        assert job["status"] == "completed", job
        return job

    def download(self, job_id: str, path: Path, variant: str | None = None) -> Path:
        params = {"variant": variant} if variant else {}
        response = self.http.get(f"/v1/jobs/{job_id}/content", params=params)
        path.write_bytes(response.raise_for_status().content)
        return path


def stage(job: dict[str, Any], service: str) -> dict[str, Any]:
    return next(each for each in job["stages"] if each["service"] == service)
