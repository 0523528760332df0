"""The public engine API: complete, light to import, and a part of the wheel."""

import inspect
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

SERVICES = ("tts", "voice", "video", "mux")
ROOT = Path(__file__).parents[3]


def public_classes(module: ModuleType) -> set[str]:
    """Returns the names of the classes that the module defines."""
    return {
        name
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_")
    }


@pytest.mark.parametrize("service", SERVICES)
def test_every_class_of_a_protocol_is_exported(service: str):
    protocol = import_module(f"services.{service}.engines.protocol")
    exported = import_module(f"likeness.engine.{service}")
    assert public_classes(protocol) <= set(exported.__all__)


@pytest.mark.parametrize("module", ["effects", "quality", "spec", "timeline", "video_format"])
def test_every_class_of_the_engine_api_is_exported(module: str):
    exported = import_module("likeness.engine")
    assert public_classes(import_module(f"services.chassis.engine_api.{module}")) <= set(exported.__all__)


def test_importing_it_loads_no_protobuf_and_no_numpy():
    program = "import sys, likeness.engine; print(sorted({'google.protobuf', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_shares_the_namespace_with_the_contracts():
    assert import_module("likeness.jobs.v1.stages_pb2").StageRequested
    assert import_module("likeness.engine").EngineSpec
    assert getattr(import_module("likeness"), "__file__", None) is None


def test_the_wheel_holds_it_beside_the_contracts(tmp_path: Path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"likeness/engine/{name}.py" for name in ("__init__", *SERVICES)} <= names
    assert "likeness/jobs/v1/stages_pb2.py" in names
    assert "likeness/__init__.py" not in names
