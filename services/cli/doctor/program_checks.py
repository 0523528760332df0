"""Checks the programs that come with the wheels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.cli.doctor.check import Finding, fail, ok
from services.cli.doctor.program import Runner, run_program
from services.cli.doctor.python_checks import REINSTALL
from services.cli.errors import StackError


@dataclass(frozen=True, slots=True)
class Starts:
    """Checks that a program starts and prints its version."""

    name: str
    locate: Callable[[], Path]
    arguments: tuple[str, ...]
    run_program: Runner = run_program

    def run(self) -> list[Finding]:
        try:
            program = self.locate()
        except StackError as exc:
            return [fail(self.name, exc.message, REINSTALL)]
        ran = self.run_program([str(program), *self.arguments])
        first = ran.output.splitlines()[0] if ran.output else ""
        if ran.status == 0:
            return [ok(self.name, first)]
        return [
            fail(
                self.name,
                f"{program} does not run (status {ran.status}): {first}",
                f"{REINSTALL} Wheels exist for Linux with glibc and for macOS, on x86-64 and arm64.",
            )
        ]


# The listing of ffmpeg that shows each, and the word in it.
FFMPEG_NEEDS: Mapping[str, tuple[str, str]] = {
    "libx264": ("-encoders", "libx264"),
    "aac": ("-encoders", " aac "),
    "ebur128": ("-filters", "ebur128"),
}


@dataclass(frozen=True, slots=True)
class Ffmpeg:
    """Checks that ffmpeg runs, and has the encoders and filters that the mux service uses."""

    locate: Callable[[], str]
    run_program: Runner = run_program

    def run(self) -> list[Finding]:
        try:
            program = self.locate()
        except (ImportError, RuntimeError) as exc:
            return [fail("ffmpeg", str(exc), REINSTALL)]
        missing = [
            name
            for name, (listing, word) in FFMPEG_NEEDS.items()
            if word not in self.run_program([program, "-hide_banner", listing]).output
        ]
        if missing:
            fix = "Unset IMAGEIO_FFMPEG_EXE if it names another ffmpeg. " + REINSTALL
            return [fail("ffmpeg", f"{program} has no {', '.join(missing)}", fix)]
        first = self.run_program([program, "-version"]).output.splitlines()[0]
        return [ok("ffmpeg", f"{first.split(' Copyright')[0]}, with {', '.join(FFMPEG_NEEDS)}")]


def bundled_ffmpeg() -> str:
    import imageio_ffmpeg  # pyright: ignore[reportMissingTypeStubs]

    return imageio_ffmpeg.get_ffmpeg_exe()
