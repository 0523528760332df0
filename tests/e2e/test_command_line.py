"""Commands of `likeness` as clients of a running gateway."""

import json
import os
import signal
import subprocess
from pathlib import Path

import av
import pytest

from tests.e2e.api import Api
from tests.e2e.stack import LIKENESS, Stack
from tests.examples import PORTRAIT

PATIENCE_SECONDS = 120


@pytest.fixture
def environment(stack: Stack) -> dict[str, str]:
    return {**os.environ, "LIKENESS_URL": stack.url, "LIKENESS_API_KEY": stack.api_key}


def render(*options: str | Path) -> list[str]:
    return [*LIKENESS, "render", "--image", str(PORTRAIT), *map(str, options)]


def test_a_video_is_rendered_and_told_as_json(environment: dict[str, str], tmp_path: Path):
    out = tmp_path / "out.mp4"
    command = render("--script", "From the command line.", "--size", "256x256", "--json", "-o", out)
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[-1]["video"]["status"] == "completed"
    with av.open(str(out)) as container:
        assert container.streams.video[0].width == 256


def test_a_text_is_spoken_into_a_file(environment: dict[str, str], tmp_path: Path):
    out = tmp_path / "out.flac"
    command = [*LIKENESS, "speak", "[happy] From the command line.", "--effect", "radio", "-o", str(out)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    assert done.stdout == f"{out}\n"
    with av.open(str(out)) as container:
        seconds = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert 0.5 < seconds < 4


def test_words_and_effects_are_kept_and_forgotten(environment: dict[str, str]):
    def run(*arguments: str) -> str:
        command = [*LIKENESS, *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    run("lexicon", "add", "and/or", "--respelling", "and or")
    run("effects", "add", "old-radio", "radio", "pitch:semitones=-2")
    assert "and/or" in run("lexicon")
    assert "old-radio" in run("effects")
    run("lexicon", "remove", "AND/or")
    run("effects", "remove", "old-radio")
    assert "and/or" not in run("lexicon")
    assert "old-radio" not in run("effects")


def test_a_refusal_is_one_clear_line(environment: dict[str, str], tmp_path: Path):
    command = render("--script", "Hello.", "--voice", "nobody", "-o", tmp_path / "out.mp4")
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("error: --voice: There is no voice 'nobody'")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out.mp4").exists()


def test_ctrl_c_cancels_on_the_server(environment: dict[str, str], api: Api, tmp_path: Path):
    script = "This sentence is said again and again. " * 60
    command = render("--script", script, "--size", "1080x1080", "--json", "-o", tmp_path / "out.mp4")
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    video_id = ""
    for line in process.stdout:
        event = json.loads(line)
        video_id = event["video"]["id"]
        if any(stage["state"] == "running" for stage in event["video"]["stages"]):
            break
    process.send_signal(signal.SIGINT)
    process.stdout.read()
    assert process.wait(60) == 130
    assert api.wait(video_id)["status"] == "cancelled"
    assert not list(tmp_path.iterdir())
