"""Finds what the repository must hold for each service: its settings, lock, and Dockerfile targets.

A new service costs one entry in services/services.toml, and the files that these functions ask for by name.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path

from services.chassis.service_list import worker_services
from services.chassis.settings import ServiceSettings

ROOT = Path(__file__).parents[2]
# A package that adds a service of its own brings its own image and manifests: its module is elsewhere.
WORKERS = tuple(name for name, each in worker_services().items() if each.module == f"services.{name}")
SERVICES = ("gateway", *WORKERS)


def settings_of(service: str) -> type[ServiceSettings]:
    """Returns the settings class that `settings.py` of the service defines."""
    module = import_module(f"services.{service}.settings")
    values = [value for value in vars(module).values() if isinstance(value, type)]
    own = [
        each for each in values if issubclass(each, ServiceSettings) and each.__module__ == module.__name__
    ]
    assert len(own) == 1, f"services/{service}/settings.py should define one class of ServiceSettings: {own}"
    return own[0]


def dockerfile_target(name: str) -> str:
    """Returns the text of the Dockerfile's target."""
    targets = dockerfile_targets()
    assert name in targets, (
        f"deploy/docker/Dockerfile has no target {name!r}. Each service needs two: NAME, and NAME-packages"
    )
    return targets[name]


@cache
def dockerfile_targets() -> dict[str, str]:
    """Returns the text of each target of the Dockerfile by its name."""
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
    parts = re.split(r"^FROM \S+ AS (\S+)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def lock_text(name: str) -> str:
    """Returns the text of a lock of requirements/."""
    lock = ROOT / "requirements" / f"{name}.lock"
    assert lock.is_file(), (
        f"requirements/{name}.lock is missing. Write requirements/{name}.in and run: make lock"
    )
    return lock.read_text()
