from typing import Any

import pytest

from services.cli.job_text import duration, eta, failure_text, state_text, title_of


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0s"), (59.9, "59s"), (125, "2m 5s"), (3600, "1h 0m"), (273_600, "3d 4h")],
)
def test_a_duration_has_its_two_largest_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("job", "text"),
    [
        ({"status": "completed", "progress": 100, "eta_seconds": 0.0}, "completed"),
        ({"status": "in_progress", "progress": 40, "eta_seconds": 65}, "in_progress, 40%, about 1m 5s left"),
        ({"status": "queued", "progress": 0, "eta_seconds": None}, "queued, 0%"),
    ],
)
def test_the_state_of_a_job_says_how_far_it_is(job: dict[str, Any], text: str) -> None:
    assert state_text(job) == text


def test_a_job_that_has_ended_has_no_time_left() -> None:
    assert eta({"status": "completed", "eta_seconds": 0.0}) == ""


@pytest.mark.parametrize(
    ("job", "title"),
    [
        ({"title": "Mine", "custom_id": "a", "prompt": "Hello"}, "Mine"),
        ({"custom_id": "a", "prompt": "Hello"}, "a"),
        ({"custom_id": None, "prompt": " Two\n lines "}, "Two lines"),
        ({"prompt": "word " * 20}, "word word word word word word word word…"),
        ({"name": "Anna"}, "Anna"),
        ({}, ""),
    ],
)
def test_the_title_of_a_job_is_one_short_line(job: dict[str, Any], title: str) -> None:
    assert title_of(job) == title


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"status": "cancelled"}, "Audio audio_1 was cancelled."),
        (
            {"error": {"code": "timed_out", "message": "Took too long."}},
            "Audio audio_1 failed: Took too long. (timed_out)",
        ),
        ({}, "Audio audio_1 failed: no reason was given (unknown)"),
        (
            {
                "stages": [
                    {
                        "name": "mux",
                        "engine": "ffmpeg",
                        "state": "failed",
                        "error": {"code": "engine_crashed", "message": "It died."},
                    }
                ]
            },
            "Stage mux (ffmpeg) failed: It died. (engine_crashed)",
        ),
    ],
)
def test_the_error_of_a_job_has_its_stage_and_its_reason(fields: dict[str, Any], text: str) -> None:
    job: dict[str, Any] = {
        "id": "audio_1",
        "object": "audio",
        "status": "failed",
        "stages": [],
        "error": None,
    }
    assert failure_text(job | fields) == text
