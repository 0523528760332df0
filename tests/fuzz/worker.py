"""Runs the cases of one target, one after the other, in a process that may die of them.

The number of a case is written to a file before the case is run: what killed the process can be told from it.
Lines of JSON on the standard output say what was found, and how many cases were run.
"""

import argparse
import faulthandler
import json
import os
import resource
import struct
import sys
import time
import traceback
from itertools import count
from pathlib import Path

from tests.fuzz.target import Case, Finding, FuzzTarget, Run, Setting, case_of
from tests.fuzz.targets import TARGETS

NICENESS = 10
MEMORY_BYTES = 6 << 30
GROWN_KIB = 512 << 10
"""Growth of the process's largest memory by one case that is a finding."""
REPORT_SECONDS = 1.0
DOUBLED_EVERY = 50
MEASURABLE_SECONDS = 0.1
STEEP = 3.2
"""Factor on the time by twice the input that is a finding: linear is 2, quadratic 4."""
DETAIL_CHARACTERS = 20_000
LINE_BYTES = 1 << 18
"""No line is longer: a character takes 12 bytes at most."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("target")
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--until", type=float, required=True, help="moment of the monotonic clock")
    parser.add_argument("--progress", type=Path, required=True)
    parser.add_argument("--url", default="")
    parser.add_argument("--key", default="")
    options = parser.parse_args()
    faulthandler.enable()
    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    run_cases(TARGETS[options.target], options)


def run_cases(target: FuzzTarget, options: argparse.Namespace) -> None:
    reported, ran = time.monotonic(), 0
    with (
        options.progress.open("r+b", buffering=0) as progress,
        target.opened(Setting(options.url, options.key)) as run,
    ):
        for number in count(options.first):
            if time.monotonic() >= options.until:
                break
            os.pwrite(progress.fileno(), struct.pack("<q", number), 0)
            run_case(target, run, number)
            ran += 1
            if time.monotonic() - reported > REPORT_SECONDS:
                report(cases=ran)
                reported, ran = time.monotonic(), 0
    report(cases=ran, done=True)


def run_case(target: FuzzTarget, run: Run, number: int) -> None:
    case = case_of(target, number)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = timed(target, run, case, number)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    if grown > GROWN_KIB:
        report(number=number, kind="memory", signature="grown", detail=f"{grown >> 10} MiB")
    if took > target.seconds:
        report(number=number, kind="slow", signature=f"over {target.seconds:g} s", detail=f"{took:.2f} s")
    elif target.doubled and number % DOUBLED_EVERY == 0 and took > MEASURABLE_SECONDS:
        twice = timed(target, run, target.doubled(case), number)
        if twice > STEEP * took:
            detail = f"{took:.3f} s, twice the input {twice:.3f} s"
            report(number=number, kind="growth", signature="steep", detail=detail)


def timed(target: FuzzTarget, run: Run, case: Case, number: int) -> float:
    """Runs a case and reports what it raises. Returns its seconds: of the processor, or of an answer."""
    clock = time.monotonic if target.through_api else time.process_time
    began = clock()
    try:
        run(case)
    except Finding as exc:
        report(number=number, kind="answer", signature=str(exc)[:120], detail=str(exc))
    except Exception as exc:  # noqa: BLE001 - whatever it is, it is what is looked for
        report(number=number, kind="exception", signature=signature_of(exc), detail=traceback.format_exc())
    return clock() - began


def signature_of(error: Exception) -> str:
    """Returns the type of an exception and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [each for each in frames if "/services/" in each.filename] or frames
    place = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else ""
    return f"{type(error).__name__} at {place}"


def report(*, detail: str | None = None, **line: object) -> None:
    """Writes a line. The detail, which may quote a whole input, is cut."""
    if detail is not None:
        line["detail"] = detail[:DETAIL_CHARACTERS]
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
