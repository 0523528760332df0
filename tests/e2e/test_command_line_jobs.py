"""Commands of `likeness` on jobs, batches and avatars of a running gateway."""

import json
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.api import Api
from tests.e2e.stack import LIKENESS, Stack
from tests.examples import PORTRAIT, READER

PATIENCE_SECONDS = 120
LONG = "This sentence is said again and again. " * 60
ENDPOINT = re.compile(r"/v\d|\b(?:GET|POST|PUT|DELETE) ")


class CommandLine:
    """Runs `likeness` as a client of the stack's gateway."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "LIKENESS_URL": stack.url, "LIKENESS_API_KEY": stack.api_key}

    def run(self, *arguments: str, status: int = 0) -> "subprocess.CompletedProcess[bytes]":
        done = subprocess.run(
            [*LIKENESS, *arguments],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        assert done.returncode == status, done.stderr.decode()
        assert b"Traceback" not in done.stderr
        return done

    def output(self, *arguments: str) -> str:
        return self.run(*arguments).stdout.decode()

    def json(self, *arguments: str) -> Any:
        return json.loads(self.output(*arguments, "--json"))

    def error(self, *arguments: str, status: int) -> str:
        return self.run(*arguments, status=status).stderr.decode()

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [*LIKENESS, *arguments],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def likeness(stack: Stack, tmp_path: Path) -> CommandLine:
    shutil.copy(PORTRAIT, tmp_path / "portrait.jpg")
    return CommandLine(stack, tmp_path)


@pytest.fixture
def made(api: Api, portrait: str) -> dict[str, Any]:
    request = {"script": "Listed and shown.", "image": portrait, "size": "256x256"}
    return api.make(**request, metadata={"made": "for the command line"})


def test_a_video_is_listed_shown_watched_downloaded_and_deleted(
    likeness: CommandLine, made: dict[str, Any], api: Api
):
    pair = ("--metadata", "made=for the command line")
    (listed,) = likeness.json("list", *pair, "--status", "completed", "--kind", "video")
    assert listed["id"] == made["id"]
    assert likeness.json("list", *pair, "--kind", "audio") == []
    header, row = likeness.output("list", *pair).splitlines()
    assert header.split() == ["id", "kind", "status", "progress", "eta", "age", "title"]
    assert row.startswith(f"{made['id']}  video  completed  100%")
    assert row.endswith("Listed and shown.")

    assert f"id        {made['id']}" in likeness.output("show", made["id"])
    assert likeness.json("show", made["id"])["stages"] == api.get(made["id"])["stages"]

    events = [json.loads(line) for line in likeness.output("watch", made["id"], "--json").splitlines()]
    assert events[-1]["event"] == "video.completed"
    assert {event["video"]["id"] for event in events} == {made["id"]}

    likeness.run("download", made["id"], "-o", "out.mp4")
    piped = likeness.run("download", made["id"], "-o", "-").stdout
    assert piped == (likeness.folder / "out.mp4").read_bytes()
    assert piped[4:8] == b"ftyp"
    assert "ends with .mp4" in likeness.error("download", made["id"], "-o", "out.avi", status=2)

    assert "completed already" in likeness.output("cancel", made["id"])
    assert likeness.output("delete", made["id"]) == f"{made['id']}: deleted\n"
    assert "`likeness list`" in likeness.error("show", made["id"], status=1)


def test_a_render_and_speech_are_piped(likeness: CommandLine):
    request = ("--script", "Into a pipe.", "--image", "portrait.jpg", "--size", "256x256")
    done = likeness.run("render", *request, "-o", "-")
    assert done.stdout[4:8] == b"ftyp"
    assert b"the standard output" in done.stderr
    assert likeness.run("speak", "Into a pipe.", "-o", "-").stdout.startswith(b"RIFF")
    assert not (likeness.folder / "-").exists()


def test_ctrl_c_ends_the_watching_and_not_the_job(likeness: CommandLine, api: Api, portrait: str):
    job = api.create(script=LONG, image=portrait, size="1080x1080")
    watching = likeness.start("watch", job["id"], "--json")
    assert watching.stdout is not None
    assert json.loads(watching.stdout.readline())["video"]["id"] == job["id"]
    watching.send_signal(signal.SIGINT)
    _, said = watching.communicate(timeout=60)
    assert watching.returncode == 130
    assert f"`likeness cancel {job['id']}` stops it" in said
    assert api.get(job["id"])["status"] in ("queued", "in_progress")

    assert "or give --force" in likeness.error("delete", job["id"], status=1)
    done = likeness.run("cancel", job["id"], "video_unknown", status=1)
    assert done.stdout.decode() == f"{job['id']}: cancelled\n"
    assert "There is no job 'video_unknown'" in done.stderr.decode()
    assert "was cancelled" in likeness.error("watch", job["id"], status=1)


def test_a_batch_uploads_its_files_and_writes_its_results(likeness: CommandLine):
    lines = [
        {"custom_id": "a", "body": {"script": "One.", "image": "portrait.jpg", "size": "256x256"}},
        {"custom_id": "b", "url": "/v1/audio/jobs", "body": {"script": "Two."}},
    ]
    (likeness.folder / "lines.jsonl").write_text("\n".join(map(json.dumps, lines)))
    likeness.run("batch", "lines.jsonl", "--results", "results.jsonl")
    results = [json.loads(line) for line in (likeness.folder / "results.jsonl").read_text().splitlines()]
    assert [(line["custom_id"], line["status"]) for line in results] == [
        ("a", "completed"),
        ("b", "completed"),
    ]

    batch = likeness.json("batches")[0]
    assert batch["request_counts"]["completed"] == 2
    assert "completed 2" in likeness.output("batches", "show", batch["id"])
    assert likeness.output("watch", batch["id"]).startswith(f"{batch['id']} is completed")
    printed = likeness.output("batches", "results", batch["id"]).splitlines()
    assert [json.loads(line)["job_id"] for line in printed] == [line["job_id"] for line in results]
    assert {each["id"] for each in likeness.json("list", "--batch", batch["id"])} == {
        line["job_id"] for line in results
    }


def test_the_wrong_lines_of_a_batch_are_a_table(likeness: CommandLine):
    lines = [
        '{"custom_id": "a", "body": {"script": "One.", "image": "gone.jpg"}}',
        "no JSON",
        '{"custom_id": "c", "body": {"script": "Three.", "image": "asset_unknown"}}',
        '{"custom_id": "d", "body": {"script": "Four.", "image": "portrait.jpg", "lips": "big"}}',
    ]
    (likeness.folder / "lines.jsonl").write_text("\n".join(lines))
    said = likeness.error("batch", "lines.jsonl", status=2).splitlines()
    table = said[said.index(next(line for line in said if line.startswith("line "))) :]
    assert table[0].split() == ["line", "custom_id", "field", "message"]
    assert [line.split()[0] for line in table[1:-1]][:2] == ["1", "2"]
    assert "Cannot read gone.jpg" in table[1]
    assert table[-1].endswith("lines are wrong; nothing was made.")
    assert not ENDPOINT.search("\n".join(table))


def test_an_avatar_is_created_rendered_and_deleted(likeness: CommandLine):
    avatar = likeness.output("avatars", "create", "portrait.jpg", "--name", "Anna").strip()
    assert avatar in likeness.output("avatars")
    assert likeness.json("avatars", "show", avatar)["name"] == "Anna"
    request = ("--avatar", avatar, "--script", "I am stored.", "--size", "256x256")
    likeness.run("render", *request, "-o", "out.mp4")
    assert likeness.output("avatars", "delete", avatar) == f"{avatar}: deleted\n"
    assert "`likeness avatars` lists what there is" in likeness.error("avatars", "show", avatar, status=1)


def test_a_voice_is_cloned_listed_spoken_in_and_deleted(likeness: CommandLine):
    shutil.copy(READER, likeness.folder)
    done = likeness.run("voices", "create", "reader.wav", "--consent", "The reader has agreed.")
    voice = done.stdout.decode().strip()
    assert "--consent: " in likeness.error("voices", "create", "reader.wav", status=1)
    assert "cannot be deleted" in likeness.error("voices", "delete", "heart", status=1)
    assert "reader: similarity 0.9" in done.stderr.decode()
    assert likeness.output("voices").splitlines()[1].split()[:2] == [voice, "reader"]
    likeness.run("speak", "Hello.", "--voice", voice, "-o", "hello.wav")
    assert likeness.output("voices", "delete", voice) == f"{voice}: deleted\n"
    assert "`likeness voices` lists what there is" in likeness.error(
        "speak", "Hello.", "--voice", voice, status=2
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("voices", "create", "portrait.jpg", "--consent", "Yes."), "RECORDING: "),
        (("render", "--script", "Hi.", "--image", "portrait.jpg", "--fps", "1000"), "--fps: "),
        (("render", "--script", "Hi.", "--image", "portrait.jpg", "--pitch", "99"), "--pitch: "),
        (("render", "--script", "Hi.", "--image", "portrait.jpg", "--effect", "quack"), "--effect: "),
        (("render", "--script", "Hi.", "--image", "portrait.jpg", "--engine", "sora"), "--engine: "),
        (("render", "--script", "[dancing] Hi.", "--image", "portrait.jpg"), "The script: "),
        (("render", "--script", "Hi.", "--avatar", "avatar_1"), "--avatar: "),
        (("speak", "Hi.", "--voice", "nobody"), "--voice: "),
        (("avatars", "create", "portrait.jpg", "--face", "7"), "IMAGE: There is no face with the index 7"),
        (("effects", "add", "mine", "quack"), "STEP: "),
    ],
)
def test_a_refusal_names_the_option_and_no_endpoint(
    likeness: CommandLine, arguments: tuple[str, ...], said: str
):
    error = likeness.error(*arguments, status=2)
    assert said in error
    assert not ENDPOINT.search(error)


def test_a_dry_run_shows_what_would_run_and_makes_nothing(likeness: CommandLine, api: Api):
    options = ("--script", "Nobody has rendered this dry line.", "--image", str(PORTRAIT))
    newest = api.http.get("/v1/videos", params={"limit": 1}).json()["first_id"]
    dry = likeness.output("render", *options, "--dry-run")
    assert "3 of 3 stages would run" in dry
    assert api.http.get("/v1/videos", params={"limit": 1}).json()["first_id"] == newest
    likeness.run("render", *options, "-o", "dry.mp4")
    assert "Nothing would run" in likeness.output("render", *options, "--dry-run")
