"""A domain from a package: a service, a kind and a resource that no line of Likeness knows.

The stack of these tests has `tests/toy_domain` on its path, as if it were installed (docs/add-a-domain.md).
"""

import json
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.e2e.api import Api
from tests.e2e.conftest import TOY_DOMAIN
from tests.e2e.stack import Stack

ROOT = Path(__file__).parents[2]


def ask(http: httpx2.Client, text: str) -> dict[str, object]:
    response = http.post("/v1/banners", json={"text": text, "metadata": {"by": "test"}})
    assert response.status_code == 200, response.text
    return response.json()


def ended(http: httpx2.Client, job_id: object) -> dict[str, object]:
    """The last event's object: the events of a job end with the job."""
    with http.stream("GET", f"/v1/jobs/{job_id}/events") as stream:
        data = [json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if "data: {" in line]
    assert data[-1]["type"] == f"banner.{data[-1]['banner']['status']}"
    return data[-1]["banner"]


def test_the_stack_runs_its_worker(stack: Stack):
    assert "banner" in stack.processes()


def test_a_job_of_its_kind_runs_to_its_end(http: httpx2.Client):
    asked = ask(http, "Mind the <gap>")
    assert (asked["object"], asked["text"], asked["metadata"]) == ("banner", "Mind the <gap>", {"by": "test"})
    done = ended(http, asked["id"])
    assert done["status"] == "completed", done["error"]
    picture = http.get(f"/v1/banners/{asked['id']}/content")
    assert picture.headers["content-type"] == "image/svg+xml"
    assert "Mind the &lt;gap&gt;" in picture.text


def test_the_cache_the_lists_and_the_other_kinds_know_it(http: httpx2.Client, portrait: str, api: Api):
    first, second = (ended(http, ask(http, "Twice.")["id"]) for _ in range(2))
    caches = [[stage["cache"] for stage in job["stages"]] for job in (first, second)]  # pyright: ignore
    assert caches == [["miss"], ["hit"]]
    listed = http.get("/v1/jobs", params={"metadata[by]": "test"}).json()["data"]
    assert {job["object"] for job in listed} == {"banner"}
    assert http.get(f"/v1/videos/{first['id']}").status_code == 404


def test_a_batch_takes_its_lines(http: httpx2.Client):
    line = {"custom_id": "a", "url": "/v1/banners", "body": {"text": "In a batch."}}
    headers = {"Content-Type": "application/jsonl"}
    batch = http.post("/v1/batches", content=json.dumps(line), headers=headers).json()
    (result,) = http.get(batch["results_url"]).text.splitlines()
    assert json.loads(result)["job"]["text"] == "In a batch."


def test_its_refusals_name_the_field(http: httpx2.Client):
    response = http.post("/v1/banners", json={"text": "x" * 81})
    assert (response.status_code, response.json()["error"]["code"]) == (422, "text_too_long")


def test_its_committed_stubs_are_those_of_its_contract(tmp_path: Path):
    proto = "toy/banner/v1/banner.proto"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{ROOT / 'proto'}", f"-I{TOY_DOMAIN / 'proto'}"]
    subprocess.run([*command, f"--python_out={tmp_path}", proto], check=True)
    made = tmp_path / "toy/banner/v1/banner_pb2.py"
    assert made.read_text() == (TOY_DOMAIN / "toy/banner/v1/banner_pb2.py").read_text()


def test_a_dry_run_is_an_estimate_by_stages(api: Api):
    """Its plan does not say how much a stage has to do: every stage counts alike."""
    estimate = api.create("/v1/banners", text="Nothing is made of this", dry_run=True)
    (stage,) = estimate["stages"]
    assert (estimate["object"], estimate["kind"], estimate["stages_to_run"]) == ("estimate", "banner", 1)
    assert (stage["service"], stage["cache"], stage["unit"]) == ("banner", "miss", "stage")
