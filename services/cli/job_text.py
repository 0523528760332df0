"""Writes jobs, and moments and durations, as short texts. Pure."""

from typing import Any

JobObject = dict[str, Any]
MAX_TITLE = 40
"""Maximum number of characters of a job's first words."""


def duration(seconds: float) -> str:
    """Returns a duration in its two largest units, such as 3d 4h or 2m 5s."""
    whole = int(seconds)
    for unit, size, lower, lower_size in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if whole >= size:
            return f"{whole // size}{unit} {whole % size // lower_size}{lower}"
    return f"{whole}s"


def age(job: JobObject, now: float) -> str:
    """Returns how long ago the job was created."""
    return duration(max(now - job["created_at"], 0))


def eta(job: JobObject) -> str:
    """Returns the estimated time until the job ends; an empty text if there is no estimate."""
    seconds = job.get("eta_seconds")
    return "" if seconds is None or not is_under_way(job) else duration(seconds)


def is_under_way(job: JobObject) -> bool:
    return job["status"] in ("queued", "in_progress")


def title_of(job: JobObject) -> str:
    """Returns the job's title, its name in its batch, its voice's name, or its first words, whichever it has,
    in one line."""
    names = ("title", "custom_id", "name", "prompt")
    found = next(filter(None, (job.get(each) for each in names)), "")
    line = " ".join(found.split())
    return line if len(line) <= MAX_TITLE else f"{line[: MAX_TITLE - 1].rstrip()}…"


def state_text(job: JobObject) -> str:
    """Returns the job's status, with how far it is and how long it takes while it is under way."""
    if not is_under_way(job):
        return job["status"]
    left = f", about {eta(job)} left" if eta(job) else ""
    return f"{job['status']}, {job['progress']}%{left}"


def failure_text(job: JobObject) -> str:
    """Returns one line that says which stage failed, and why."""
    name = f"{job['object'].capitalize()} {job['id']}"
    if job["status"] == "cancelled":
        return f"{name} was cancelled."
    for stage in job["stages"]:
        if stage["state"] == "failed" and stage["error"]:
            error = stage["error"]
            return f"Stage {stage['name']} ({stage['engine']}) failed: {error['message']} ({error['code']})"
    error = job["error"] or {"message": "no reason was given", "code": "unknown"}
    return f"{name} failed: {error['message']} ({error['code']})"


def goes_on_text(identifier: str) -> str:
    """Says that a job or a batch goes on after the command, and how to cancel it."""
    return f"{identifier} goes on; `likeness cancel {identifier}` stops it"
