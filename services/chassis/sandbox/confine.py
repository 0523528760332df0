"""Confines a process, from within, before it touches what a client has sent."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

from services.chassis.sandbox.landlock import FileAccess, restrict_files
from services.chassis.sandbox.limits import Limits
from services.chassis.sandbox.privileges import (
    drop_capabilities,
    enter_namespaces,
    forbid_inspection,
    forbid_new_privileges,
)
from services.chassis.sandbox.seccomp import filter_system_calls
from services.chassis.sandbox.system_calls import linux_machine
from services.chassis.sandbox.system_paths import code_paths, device_paths, system_paths


@dataclass(frozen=True, slots=True)
class Confinement:
    """The measures that hold for a process: what this system and its container allow."""

    limits: bool
    """Its memory, files and time are limited."""
    privileges: bool
    """It has no capabilities and can get none."""
    namespaces: bool
    """It has a user namespace of its own, without a network unless it may use one."""
    files: bool
    """It writes in its own folders only, and reads only those, code and the system's libraries."""
    system_calls: bool
    """System calls that reach the kernel's inner parts, other processes or the network are refused."""

    @property
    def lacking(self) -> tuple[str, ...]:
        """Returns the names of the measures that this system does not allow."""
        return tuple(each.name for each in fields(self) if not getattr(self, each.name))


def confine(
    limits: Limits,
    *,
    writable: Sequence[Path],
    readable: Sequence[Path] = (),
    network: bool = False,
    children: bool = True,
) -> Confinement:
    """Confines this process, and all that it starts, for good.

    It may then write below `writable`, and read that, `readable`, code and the system's libraries. Without
    `children` it starts threads, but no process. It must have a single thread, and hold no descriptor that it
    should not use. A measure that is not possible here is left out.
    """
    machine = linux_machine()
    # Before the namespace is entered: inside, this process owns nothing of the system that it could raise,
    # and root may not look into folders of other users.
    access = _file_access(writable, readable)
    limited = _done(limits.apply)
    inside = machine in ("x86_64", "aarch64") and enter_namespaces(machine, network=network)
    return Confinement(
        limits=limited,
        privileges=_done(lambda: _drop_privileges(machine)),
        namespaces=inside,
        files=_done(lambda: restrict_files(access)),
        system_calls=_done(lambda: filter_system_calls(machine, network=network, children=children)),
    )


def _file_access(writable: Sequence[Path], readable: Sequence[Path]) -> FileAccess:
    return FileAccess(
        listable=tuple(Path(entry or ".") for entry in dict.fromkeys(sys.path)),
        runnable=(*system_paths(), *code_paths(), *readable),
        writable=tuple(writable),
        devices=tuple(device_paths()),
    )


def _drop_privileges(machine: str) -> None:
    forbid_new_privileges()
    drop_capabilities(machine)
    forbid_inspection()


def _done(measure: Callable[[], object]) -> bool:
    """Tells whether the measure could be taken: only a result of 0 or False says no, as does an error."""
    with suppress(OSError, ValueError, KeyError):
        result = measure()
        return result is None or bool(result)
    return False
