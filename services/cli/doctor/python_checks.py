"""Checks the Python version and the installed wheels."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from types import MappingProxyType

from services.cli.doctor.check import Finding, fail, ok
from services.cli.doctor.program import Runner, run_program

REINSTALL = "Run `make demo` in the checkout; it installs the locked set."
MODULES = MappingProxyType(
    {
        "fastapi": "fastapi",
        "uvicorn": "uvicorn",
        "pydantic-settings": "pydantic_settings",
        "httpx2": "httpx2",
        "structlog": "structlog",
        "asyncpg": "asyncpg",
        "alembic": "alembic",
        "nats-py": "nats",
        "boto3": "boto3",
        "grpcio": "grpc",
        "protobuf": "google.protobuf",
        "opentelemetry-sdk": "opentelemetry.sdk",
        "prometheus-client": "prometheus_client",
        "espeakng-loader": "espeakng_loader",
        "soundfile": "soundfile",
        "soxr": "soxr",
        "pyworld-prebuilt": "pyworld",
        "pocketsphinx": "pocketsphinx",
        "mediapipe": "mediapipe",
        "opencv-python-headless": "cv2",
        "pillow": "PIL",
        "av": "av",
        "imageio-ffmpeg": "imageio_ffmpeg",
        "numpy": "numpy",
    }
)
# Runs in a process of its own: a broken native library may end it.
IMPORTS = """
import importlib, json, sys
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        print(json.dumps([name, ""]), flush=True)
    except BaseException as exc:
        print(json.dumps([name, f"{type(exc).__name__}: {exc}"]), flush=True)
"""


@dataclass(frozen=True, slots=True)
class PythonVersion:
    """Checks that this Python is 3.11 or 3.12."""

    version: tuple[int, int, int] = sys.version_info[:3]

    def run(self) -> list[Finding]:
        text = ".".join(map(str, self.version))
        if (3, 11) <= self.version[:2] < (3, 13):
            return [ok("Python", text)]
        return [
            fail(
                "Python",
                f"{text} is not supported",
                "Install Python 3.11 or 3.12 and run `make demo` with it.",
            )
        ]


@dataclass(frozen=True, slots=True)
class Wheels:
    """Checks that each wheel is installed and can be imported. `modules` are modules by wheel."""

    modules: Mapping[str, str] = field(default_factory=lambda: MODULES)
    run_program: Runner = run_program
    version_of: Callable[[str], str] = metadata.version

    def run(self) -> list[Finding]:
        errors = self._import_all()
        return [self._judge(wheel, errors.get(module)) for wheel, module in self.modules.items()]

    def _import_all(self) -> dict[str, str]:
        """Returns the import error of each module, empty if there was none.

        A module that ended the process is not in the result, nor are those after it.
        """
        ran = self.run_program([sys.executable, "-c", IMPORTS, *self.modules.values()])
        lines = (line for line in ran.output.splitlines() if line.startswith('["'))
        return dict(json.loads(line) for line in lines)

    def _judge(self, wheel: str, error: str | None) -> Finding:
        try:
            version = self.version_of(wheel)
        except metadata.PackageNotFoundError:
            return fail(wheel, "is not installed", REINSTALL)
        if error is None:
            return fail(wheel, f"{version} crashes, or one imported before it does", REINSTALL)
        return fail(wheel, f"{version}: {error}", REINSTALL) if error else ok(wheel, version)
