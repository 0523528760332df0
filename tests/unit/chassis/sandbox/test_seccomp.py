"""Decisions of the seccomp filter, from running its program on descriptions of system calls."""

import errno
import struct

import pytest

from services.chassis.sandbox.seccomp import Instruction, build_filter

MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALLOWED, REFUSED, KILLED = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x80000000
NO_CHILD, NO_NETWORK = {"children": False}, {"network": False}


def decision(machine: str, call: int, *arguments: int, audit: int = 0, **allowed: bool) -> int:
    """Returns what the filter answers to a call, as `seccomp_data` describes it to the program."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<iIQ6Q", call, audit or MACHINES[machine], 0, *padded)
    program = list(build_filter(machine, **{"network": True, "children": True, **allowed}))
    loaded = position = 0
    while (step := program[position]).code != 0x06:
        if step.code == 0x20:
            (loaded,) = struct.unpack_from("<I", data, step.value)
            position += 1
        else:
            position += 1 + (step.if_true if _holds(step, loaded) else step.if_false)
    return step.value


def _holds(step: Instruction, loaded: int) -> bool:
    return {
        0x15: loaded == step.value,
        0x35: loaded >= step.value,
        0x45: bool(loaded & step.value),
    }[step.code]


@pytest.mark.parametrize(
    ("calls", "arguments", "allowed", "expected"),
    [
        ((0, 63), (), {}, ALLOWED),  # read
        ((302, 261), (0, 7), {}, ALLOWED),  # prlimit64
        ((302, 261), (4321, 7), {}, REFUSED),
        ((302, 261), (1 << 32, 7), {}, ALLOWED),  # the kernel reads the lower half of a process id
        ((141, 140), (0, 0, 5), {}, ALLOWED),  # setpriority
        ((141, 140), (0, 4321, 5), {}, REFUSED),
        ((141, 140), (1, 0, 5), {}, REFUSED),
        ((141, 140), (2, 0, 5), {}, REFUSED),
        ((142, 118), (4321,), {}, REFUSED),  # sched_setparam
        ((144, 119), (4321,), {}, REFUSED),  # sched_setscheduler
        ((144, 119), (0,), {}, ALLOWED),
        ((314, 274), (4321,), {}, REFUSED),  # sched_setattr
        ((203, 122), (4321,), {}, ALLOWED),  # sched_setaffinity
        ((251, 30), (1, 0, 0), {}, REFUSED),  # ioprio_set
        ((109, 154), (0, 0), {}, REFUSED),  # setpgid
        ((112, 157), (), {}, REFUSED),  # setsid
        ((157, 167), (36, 0), {}, REFUSED),  # prctl, PR_SET_CHILD_SUBREAPER
        ((157, 167), (1, 9), {}, ALLOWED),
        ((56, 220), (17,), {}, ALLOWED),  # clone
        ((56, 220), (17,), NO_CHILD, REFUSED),
        ((56, 220), (0x3D0F00,), NO_CHILD, ALLOWED),
        ((56, 220), (0x3D0F00 | 0x10000000,), NO_CHILD, REFUSED),
        ((56, 220), (17 | 0x40000000,), {}, REFUSED),
        ((57, 220), (17,), NO_CHILD, REFUSED),  # fork
        ((58, 220), (17,), NO_CHILD, REFUSED),  # vfork
        ((41, 198), (2,), {}, ALLOWED),  # socket
        ((41, 198), (10,), {}, ALLOWED),
        ((41, 198), (16,), {}, ALLOWED),
        ((41, 198), (1,), {}, REFUSED),
        ((41, 198), (17,), {}, REFUSED),
        ((41, 198), (2,), NO_NETWORK, REFUSED),
    ],
)
@pytest.mark.parametrize("machine", MACHINES)
def test_a_call_is_decided_by_number_and_arguments(
    machine: str, calls: tuple[int, int], arguments: tuple[int, ...], allowed: dict[str, bool], expected: int
) -> None:
    call = calls[list(MACHINES).index(machine)]
    assert decision(machine, call, *arguments, **allowed) == expected


@pytest.mark.parametrize("machine", MACHINES)
def test_calls_of_another_architecture_kill(machine: str) -> None:
    assert decision(machine, 0, audit=0x40000003) == KILLED


def test_calls_of_x32_kill() -> None:
    assert decision("x86_64", 0x40000000) == KILLED


@pytest.mark.parametrize("machine", MACHINES)
def test_libraries_are_told_that_clone3_is_not_there(machine: str) -> None:
    assert decision(machine, 435) == 0x00050000 | errno.ENOSYS
