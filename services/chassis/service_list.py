"""The list of worker services: `services/services.toml`, and what installed packages add to it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files

from google.protobuf.message import Message

ENTRY_POINT_GROUP = "likeness.services"
"""Entry points of this group name a `ServiceEntry`, such as `my_package.service:ENTRY`."""


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """A worker service, which `python -m <module>` runs."""

    name: str
    module: str
    task: str
    """Module and name of the task message, such as `likeness.tts.v1.tts_pb2:SynthesisTask`."""
    summary: str = ""

    def task_type(self) -> type[Message]:
        """Imports and returns the class of the service's task message."""
        module, _, name = self.task.partition(":")
        return getattr(import_module(module), name)


@cache
def worker_services() -> Mapping[str, ServiceEntry]:
    """Returns all worker services by name, in the order of the list.

    Raises `ValueError` for a name that is given twice.
    """
    text = files("services").joinpath("services.toml").read_text()
    entries = [ServiceEntry(**entry) for entry in tomllib.loads(text)["service"]]
    entries += [point.load() for point in entry_points(group=ENTRY_POINT_GROUP)]
    services = {entry.name: entry for entry in entries}
    if len(services) != len(entries):
        names = ", ".join(sorted(entry.name for entry in entries))
        raise ValueError(f"Two worker services have the same name: {names}.")
    return services
