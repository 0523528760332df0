"""Running a program to see whether it does."""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    output: str
    """stdout and stderr together."""


Runner = Callable[[Sequence[str]], Ran]


def run_program(argv: Sequence[str]) -> Ran:
    """A program that cannot be started or does not end counts as failed, with the reason as its output."""
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
        return Ran(127, str(exc))
    except subprocess.TimeoutExpired:
        return Ran(124, f"did not end within {TIMEOUT_SECONDS:g} s")
    return Ran(done.returncode, done.stdout.decode(errors="replace").strip())
