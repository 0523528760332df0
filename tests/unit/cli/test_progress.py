import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from services.cli.client import JobEvent
from services.cli.errors import JobFailed
from services.cli.progress import JsonProgress, LiveProgress, PlainProgress, Rendered, show_file, stage_text

VIDEO = {"id": "video_1", "object": "video"}


def stage(name: str = "tts", state: str = "running", **fields: Any) -> dict[str, Any]:
    defaults = {"engine": "espeak", "progress": 0.25, "cache": "miss", "attempt": 1, "error": None}
    return {"name": name, "state": state, **defaults, **fields}


def event(*stages: dict[str, Any]) -> JobEvent:
    return JobEvent("7", "stage.running", {**VIDEO, "status": "in_progress", "stages": list(stages)})


def test_plain_progress_prints_a_line_for_each_change_of_state() -> None:
    out = io.StringIO()
    with PlainProgress(out) as progress:
        progress.handle_event(event(stage(), stage("mux", "waiting")))
        progress.handle_event(event(stage(progress=0.9), stage("mux", "waiting")))
        progress.handle_event(event(stage(state="completed", cache="hit"), stage("mux", "queued")))

    assert out.getvalue().splitlines() == [
        "tts (espeak): running",
        "tts (espeak): completed, known already",
        "mux (espeak): queued",
    ]


def test_plain_progress_prints_why_a_stage_waits() -> None:
    out = io.StringIO()
    with PlainProgress(out) as progress:
        waits = {"code": "no_worker", "message": "No live worker hosts mux/ffmpeg."}
        runs = {"code": "running", "message": "Running on worker w1."}
        progress.handle_event(event(stage(explanation=runs), stage("mux", "ready", explanation=waits)))

    assert out.getvalue().splitlines() == [
        "tts (espeak): running",
        "mux (espeak): ready. No live worker hosts mux/ffmpeg.",
    ]


def test_live_progress_shows_a_bar_for_each_stage() -> None:
    console = Console(file=io.StringIO(), width=100)
    with LiveProgress(console) as progress:
        progress.handle_event(event(stage(), stage("mux", "waiting", progress=0.0)))
        progress.handle_event(event(stage(state="completed"), stage("mux", "running", progress=0.5)))

    assert isinstance(console.file, io.StringIO)
    tts, mux = [line for line in console.file.getvalue().splitlines() if "espeak" in line]
    assert "100%" in tts and "completed" in tts
    assert "50%" in mux and "running" in mux


def test_a_note_that_looks_like_markup_is_shown_unchanged() -> None:
    console = Console(file=io.StringIO(), width=100)
    with LiveProgress(console) as progress:
        progress.note("warning: [/sad] and [happy] mean nothing here.")

    assert isinstance(console.file, io.StringIO)
    assert "[/sad] and [happy] mean nothing" in console.file.getvalue()


def test_warnings_are_shown_before_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    out = io.StringIO()
    video = {
        "warnings": [
            {"code": "clipping", "message": "It is clipped.", "stage": "scene-0/tts"},
            {"code": "prompt_words_unknown", "message": "Not understood: fly.", "stage": None},
        ]
    }
    PlainProgress(out).finished(video, Rendered(Path("out.mp4"), 4.0, "512x600", 9.5))
    assert out.getvalue().splitlines() == [
        "warning: scene-0/tts: It is clipped.",
        "warning: Not understood: fly.",
    ]
    assert capsys.readouterr().out == "out.mp4: 4 s of video, 512x600, made in 9.5 s\n"


def test_json_progress_prints_one_object_a_line_and_nothing_else() -> None:
    out, errors = io.StringIO(), io.StringIO()
    with JsonProgress(out, errors) as progress:
        progress.note("video video_1")
        progress.handle_event(event(stage()))
    progress.finished({"id": "video_1"}, Rendered(Path("out.mp4"), 4.0, "512x600", 9.5))

    first, last = [json.loads(line) for line in out.getvalue().splitlines()]
    assert (first["event"], first["id"], first["video"]["id"]) == ("stage.running", "7", "video_1")
    assert last == {"event": "finished", "file": "out.mp4", "wall_seconds": 9.5, "video": {"id": "video_1"}}
    assert errors.getvalue() == "video video_1\n"


def test_json_progress_prints_a_job_under_the_name_of_its_kind() -> None:
    out = io.StringIO()
    job: dict[str, Any] = {"id": "audio_1", "object": "audio", "status": "completed", "stages": []}
    with JsonProgress(out, io.StringIO()) as progress:
        progress.handle_event(JobEvent("8", "audio.completed", job))

    assert json.loads(out.getvalue()) == {"event": "audio.completed", "id": "8", "audio": job}


def test_a_video_on_stdout_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    show_file(Rendered(Path("-"), 4.0, "512x600", 9.5))

    assert capsys.readouterr() == ("", "the standard output: 4 s of video, 512x600, made in 9.5 s\n")


def test_json_progress_prints_the_error_at_the_end() -> None:
    out = io.StringIO()
    JsonProgress(out, io.StringIO()).ended(JobFailed("No face."))

    assert json.loads(out.getvalue()) == {"event": "failed", "error": "No face."}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "completed", "cache": "hit"}, "known already"),
        (
            {"state": "retrying", "explanation": {"code": "retrying", "message": "Again in 2 s [soon]."}},
            r"[dim]Again in 2 s \[soon].[/dim]",
        ),
        ({"state": "ready", "explanation": {"code": "no_worker", "message": "Start one."}}, "Start one."),
        ({"state": "queued"}, "queued"),
    ],
)
def test_the_text_of_a_stage_says_why_it_is_fast_or_slow(fields: dict[str, Any], words: str) -> None:
    assert words in stage_text(stage(**fields))
