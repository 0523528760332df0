"""The chaos harness detects violations and reads its records."""

import os
import subprocess
import sys
from pathlib import Path

from tests.chaos.engines.instructions import Behaviour, Instructions, read_instructions
from tests.chaos.faults import Injected
from tests.chaos.jobs import ClientAction, Job, draw_job
from tests.chaos.recorder import RunRecorder
from tests.chaos.recovery import recovery_seconds, rerun_seconds
from tests.chaos.report import Report
from tests.chaos.runs import Run, read_runs, still_working
from tests.chaos.schedule import Fault
from tests.chaos.violation import Violation
from tests.chaos.watchers import ObservedVideo


def test_instructions_survive_encoding():
    instructions = Instructions("job-1", 2, {"tts": Behaviour(0.5), "video": Behaviour(1.0, "hang", 1)})
    assert read_instructions(instructions.text) == instructions


def test_jobs_are_drawn_from_the_seed():
    def drawn(seed: int) -> list[Job]:
        return [draw_job(seed, number, run="r", workspaces=4, pace=1.0) for number in range(300)]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
    assert {job.action for job in drawn(1)} == set(ClientAction)
    assert {bool(job.failure) for job in drawn(1)} == {True, False}


def ended(status: str, error: str = "", **fields: object) -> bool:
    job = Job("job-1", 0, [], **fields)  # pyright: ignore[reportArgumentType]
    job.status, job.error = status, error
    return job.ended_as_expected


def test_a_job_must_end_as_its_instructions_say():
    assert ended("completed")
    assert not ended("failed", "worker_lost")
    assert not ended("cancelled")
    assert not ended("vanished")
    assert ended("failed", "invalid_argument", failure="invalid_argument")
    assert not ended("completed", failure="invalid_argument")
    assert not ended("failed", "worker_lost", failure="invalid_argument")
    assert ended("cancelled", cancelled_at=1.0)
    assert not ended("completed", cancelled_at=1.0)


def test_a_watcher_reports_falling_progress_and_changed_ends():
    seen = ObservedVideo()
    for status, progress in (("in_progress", 40), ("completed", 100), ("completed", 100)):
        seen.observe({"id": "video_1", "status": status, "progress": progress})
    assert seen.problems == []
    seen.observe({"id": "video_1", "status": "in_progress", "progress": 90})
    assert len(seen.problems) == 2


def test_runs_and_recovery_times_are_read_from_the_record(tmp_path: Path):
    (tmp_path / "runs").mkdir()
    lines = (
        "10.0 start job/scene-0/video video-0 7",
        "12.0 start job/scene-0/tts tts-0 8",
        "12.5 end job/scene-0/tts tts-0 8",
        "19.0 start job/scene-0/video video-1 9",
        "20.0 end job/scene-0/video video-1 9",
        "21.0 start job/mux mux-0 10",
        "21.5 outlived job/mux mux-0 10",
        "22.0 end job/mux mux-0 10",
    )
    (tmp_path / "runs" / "runs.log").write_text("\n".join(lines) + "\n")
    runs = read_runs(tmp_path)
    assert [(run.worker, run.ended, run.outlived) for run in runs] == [
        ("video-0", None, False),
        ("tts-0", 12.5, False),
        ("video-1", 20.0, False),
        ("mux-0", 22.0, True),
    ]
    kill = Injected(Fault(0.0, "kill worker", "video-0", 0.0), began=11.0, ended=11.0)
    outage = Injected(Fault(0.0, "kill broker", "broker", 2.0), began=11.0, ended=13.0)
    assert rerun_seconds([kill, outage], runs) == [8.0]
    assert recovery_seconds([kill, outage], runs) == {"kill broker": [6.0]}


WITHOUT_LIFELINE = """
import os
from tests.chaos.engines.instructions import Behaviour, Instructions
from tests.chaos.engines.scripted_run import run_scripted

reader, writer = os.pipe()
if os.fork():
    os.read(reader, 1)
    os._exit(0)
for _ in run_scripted(Instructions("job", behaviours={"mux": Behaviour(1.0)}), "mux"):
    os.write(writer, b".")
"""


def test_an_engine_records_that_its_worker_has_ended(tmp_path: Path):
    (tmp_path / "runs").mkdir()
    recorder = RunRecorder(tmp_path / "runs")
    names = {"CHAOS_RECORDER": str(recorder.port), "CHAOS_WORKER": "mux-0"}
    command = [sys.executable, "-c", WITHOUT_LIFELINE]
    # Its output ends when the child ends, too.
    subprocess.run(command, env={**os.environ, **names}, stdout=subprocess.PIPE, check=True, timeout=60)
    recorder.close()
    assert [(run.stage, run.outlived) for run in read_runs(tmp_path)] == [("job/mux", True)]


def test_any_violation_fails_the_run():
    report = Report("soak", "nats", 1)
    assert report.passed
    report.violations.append(Violation("lost", "video_1"))
    assert not report.passed
    assert report.counts()["lost"] == 1
    assert "FAILED" in report.table()


def test_a_new_process_with_the_id_of_a_killed_one_is_not_mistaken_for_it() -> None:
    killed, at_work = Run("killed", "mux-0", 7, started=100.0), Run("at work", "mux-0", 8, started=190.0)
    ended = Run("ended", "mux-0", 8, started=180.0, ended=185.0)

    assert still_working([killed, ended, at_work], {7: 50.0, 8: 60.0}, now=200.0) == [at_work]
