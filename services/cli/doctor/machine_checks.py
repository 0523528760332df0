"""Checks the machine: ports, data folder, disk, fonts and GPU."""

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from services.cli.doctor.check import Finding, fail, ok, warn
from services.cli.doctor.program import Runner, run_program
from services.cli.stack.ports import free_loopback_ports

GIB = 1024**3
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
)


@dataclass(frozen=True, slots=True)
class LoopbackPorts:
    """Checks that `needed` different ports are free on loopback."""

    needed: int
    free_ports: Callable[[int], list[int]] = free_loopback_ports

    def run(self) -> list[Finding]:
        try:
            found = len(self.free_ports(self.needed))
        except OSError as exc:
            return [
                fail(
                    "loopback ports",
                    f"cannot listen on 127.0.0.1: {exc}",
                    "Bring the loopback interface up: `ip link set lo up`.",
                )
            ]
        return [ok("loopback ports", f"{found} free ones found")]


@dataclass(frozen=True, slots=True)
class DataFolderWritable:
    """Checks that the data folder can be created and written."""

    folder: Path

    def run(self) -> list[Finding]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder):
                return [ok("data folder", f"{self.folder} can be written")]
        except OSError as exc:
            return [
                fail(
                    "data folder",
                    f"{self.folder} cannot be written: {exc.strerror}",
                    f"Choose another one with --data, or `chown` it to the user {os.geteuid()}.",
                )
            ]


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Checks the free space where the data folder is, or will be."""

    folder: Path
    free_bytes: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free

    def run(self) -> list[Finding]:
        there = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        free = self.free_bytes(there)
        detail = f"{free / GIB:.1f} GiB free in {there}"
        if free < GIB:
            return [fail("disk", detail, "Free at least 1 GiB, or choose another disk with --data.")]
        if free < 5 * GIB:
            return [warn("disk", detail, "Videos will fill it soon: 5 GiB are comfortable.")]
        return [ok("disk", detail)]


@dataclass(frozen=True, slots=True)
class Fonts:
    """Checks that there is a font. Its lack is only a warning."""

    folders: tuple[Path, ...] = FONT_FOLDERS

    def run(self) -> list[Finding]:
        for folder in self.folders:
            for pattern in ("*.ttf", "*.otf", "*.ttc"):
                if (found := next(folder.rglob(pattern), None)) is not None:
                    return [ok("fonts", str(found))]
        return [
            warn(
                "fonts",
                "no font found; drawing text would need one",
                "`apt-get install fonts-dejavu-core`",
            )
        ]


@dataclass(frozen=True, slots=True)
class Gpu:
    """Shows the GPUs. Their lack is no fault: the default engines need none."""

    run_program: Runner = run_program

    def run(self) -> list[Finding]:
        ran = self.run_program(["nvidia-smi", "--query-gpu=name,memory.total", "--format=csv,noheader"])
        return [ok("GPU", "; ".join(ran.output.splitlines()) if ran.status == 0 else "none; none is needed")]
