"""Runs a program for a check, and captures its output."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class ProgramResult:
    """The exit status and output of a program that was run."""

    status: int
    output: str
    """stdout and stderr together."""


Runner = Callable[[Sequence[str]], ProgramResult]


def run_program(argv: Sequence[str]) -> ProgramResult:
    """Runs a program and returns its result.

    A program that cannot be started or does not end has failed, with the reason as its output.
    """
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except OSError as exc:
        return ProgramResult(127, str(exc))
    except subprocess.TimeoutExpired:
        return ProgramResult(124, f"did not end within {TIMEOUT_SECONDS:g} s")
    return ProgramResult(done.returncode, done.stdout.decode(errors="replace").strip())
