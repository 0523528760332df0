"""Each service has a lock of its own, which holds all packages that it imports beside those of extras."""

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.manifests.repository import ROOT, SERVICES, lock_text

OURS = {"services", "likeness"}
# Stubs, imported for type checking only.
TYPES_ONLY = {"mypy_boto3_s3"}
MEDIA_ROOMS = {"sound"}
"""Folders of the chassis that decode media, which not every service does."""


def imported(folder: Path, files: str = "**/*.py") -> set[str]:
    """Returns the top-level names of all modules that the Python files of a folder import."""
    names: set[str] = set()
    for path in folder.glob(files):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.split(".")[0])
    return names - OURS - TYPES_ONLY - set(sys.stdlib_module_names)


def locked(name: str) -> dict[str, str]:
    """Returns the version of each package of a lock."""
    pins = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock_text(name), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in pins}


@cache
def optional() -> set[str]:
    """Returns the packages of the extras, without which a service runs."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    return {canonicalize_name(package) for packages in extras.values() for package in packages}


@cache
def distributions() -> dict[str, set[str]]:
    """Returns the names of the installed packages that provide each top-level module."""
    return {m: {canonicalize_name(d) for d in found} for m, found in packages_distributions().items()}


def of_chassis(service: str) -> set[str]:
    """Returns what the chassis imports, without the rooms for media unless the service enters them."""
    sources = "".join(path.read_text() for path in (ROOT / "services" / service).rglob("*.py"))
    rooms = [path for path in (ROOT / "services" / "chassis").iterdir() if path.is_dir()]
    entered = [room for room in rooms if room.name not in MEDIA_ROOMS or f"chassis.{room.name}" in sources]
    names = imported(ROOT / "services" / "chassis", "*.py")
    return names.union(*map(imported, entered))


@pytest.mark.parametrize("service", SERVICES)
def test_the_lock_of_a_service_holds_what_it_imports(service: str) -> None:
    needed = imported(ROOT / "services" / service) | of_chassis(service)
    packages = set(locked(service)) | optional()
    missing = {module for module in needed if not distributions().get(module, set()) & packages}
    assert not missing, (
        f"add what provides these to requirements/{service}.in or chassis.in, and run: make lock"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_environment_of_the_local_stack_holds_each_service(service: str) -> None:
    included = (ROOT / "requirements" / "base.in").read_text().splitlines()
    assert f"-r {service}.in" in included, f"add `-r {service}.in` to requirements/base.in and run: make lock"


def test_base_holds_what_the_cli_imports() -> None:
    needed = imported(ROOT / "services" / "cli")
    assert not {module for module in needed if not distributions().get(module, set()) & set(locked("base"))}


@pytest.mark.parametrize("name", [*SERVICES, "dev"])
def test_a_package_has_one_version_everywhere(name: str) -> None:
    base, other = locked("base"), locked(name)
    shared = base.keys() & other.keys()
    assert shared and {p: other[p] for p in shared} == {p: base[p] for p in shared}
    if name != "dev":
        assert other.keys() <= base.keys()
