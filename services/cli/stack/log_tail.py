"""Formats the end of a child's log for an error message: JSON lines become readable ones."""

import json
import re
from itertools import dropwhile
from pathlib import Path
from typing import cast

LINES = 15
LINE_CHARACTERS = 1000
FIELD_CHARACTERS = 300
HIDDEN = frozenset({"event", "exception", "level", "service", "timestamp", "trace_id"})
FRAME = re.compile(r'  File "')
# The prefixes of lines in the traceback of an exception group, and the whole lines between its members.
GUTTER = re.compile(r" *(?:\| ?|\+[-+ \d]*$)")


def log_tail(log: Path) -> str:
    """Returns the last lines of the log, indented, and its path."""
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    shown = [part for line in lines[-LINES:] for part in readable(line).splitlines()]
    return "\n".join([*(f"  {part}" for part in shown), f"  (from {log})"])


def readable(line: str) -> str:
    """Returns the level, event, fields and exception's cause of a JSON line; any other line as it is."""
    try:
        parsed: object = json.loads(line)
    except ValueError:
        return line[:LINE_CHARACTERS]
    if not isinstance(parsed, dict) or "event" not in parsed:
        return line[:LINE_CHARACTERS]
    fields = cast(dict[str, object], parsed)
    shown = [f"{name}={value}"[:FIELD_CHARACTERS] for name, value in fields.items() if name not in HIDDEN]
    level = [str(fields["level"])] if fields.get("level") else []
    head = " ".join([*level, str(fields["event"])[:LINE_CHARACTERS], *shown])
    exception = fields.get("exception")
    return f"{head}\n  {cause(exception)[:LINE_CHARACTERS]}" if isinstance(exception, str) else head


def cause(exception: str) -> str:
    """Returns the type and message at the end of a traceback; for a group, those of its last member."""
    lines = [GUTTER.sub("", line, count=1) for line in exception.splitlines()]
    frames = [number for number, line in enumerate(lines) if FRAME.match(line)]
    if frames:
        # The last frame is followed by its code, which is indented.
        lines = list(dropwhile(lambda line: line.startswith(" "), lines[frames[-1] + 1 :]))
    return "\n  ".join(line for line in lines if line.strip())
