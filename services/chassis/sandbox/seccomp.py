"""Refuses system calls that no computation on media needs, with a seccomp filter.

The filter is a BPF program (linux/filter.h). A refused call fails with EPERM, so that libraries which only
try it go on without.
"""

import ctypes
import errno
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from services.chassis.sandbox.system_calls import prctl

_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _JUMP_IF_ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_OFFSET, _MACHINE_OFFSET, _FIRST_ARGUMENT_OFFSET, _SECOND_ARGUMENT_OFFSET = 0, 4, 16, 24
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000
_X32_CALLS = 0x40000000
_NAMESPACE_FLAGS = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET."""
_NETWORK_FAMILIES = (2, 10, 16)
"""AF_INET, INET6 and NETLINK. No Unix sockets: servers on this machine may trust the user that connects."""

_SET_CHILD_SUBREAPER = 36
_CLONE_THREAD = 0x10000

_CHECKED = {"clone", "clone3", "fork", "prctl", "socket", "vfork"}
_OWN_ONLY = {
    "prlimit64": (_FIRST_ARGUMENT_OFFSET,),
    "sched_setparam": (_FIRST_ARGUMENT_OFFSET,),
    "sched_setscheduler": (_FIRST_ARGUMENT_OFFSET,),
    "sched_setattr": (_FIRST_ARGUMENT_OFFSET,),
    # 0 is PRIO_PROCESS: a user or a group is more than this process.
    "setpriority": (_FIRST_ARGUMENT_OFFSET, _SECOND_ARGUMENT_OFFSET),
}
"""Calls that may change only the process that makes them, by the arguments that are 0 then.

Processes of the same user may otherwise be limited until the kernel ends them. `sched_setaffinity` is not
among them: libraries pin threads by their ids, which a filter cannot tell from those of other processes.
"""
_NEWER = {  # numbers that are the same on every machine
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "clone3": 435,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
}
_X86_64 = _NEWER | {
    "socket": 41,
    "clone": 56,
    "fork": 57,
    "vfork": 58,
    "ptrace": 101,
    "syslog": 103,
    "setpgid": 109,
    "setsid": 112,
    "setpriority": 141,
    "sched_setparam": 142,
    "sched_setscheduler": 144,
    "vhangup": 153,
    "pivot_root": 155,
    "prctl": 157,
    "chroot": 161,
    "acct": 163,
    "settimeofday": 164,
    "mount": 165,
    "umount2": 166,
    "swapon": 167,
    "swapoff": 168,
    "reboot": 169,
    "init_module": 175,
    "delete_module": 176,
    "quotactl": 179,
    "clock_settime": 227,
    "kexec_load": 246,
    "add_key": 248,
    "request_key": 249,
    "keyctl": 250,
    "ioprio_set": 251,
    "unshare": 272,
    "perf_event_open": 298,
    "prlimit64": 302,
    "name_to_handle_at": 303,
    "open_by_handle_at": 304,
    "setns": 308,
    "process_vm_readv": 310,
    "process_vm_writev": 311,
    "kcmp": 312,
    "finit_module": 313,
    "sched_setattr": 314,
    "kexec_file_load": 320,
    "bpf": 321,
    "userfaultfd": 323,
}
_AARCH64 = _NEWER | {
    "ioprio_set": 30,
    "umount2": 39,
    "mount": 40,
    "pivot_root": 41,
    "chroot": 51,
    "vhangup": 58,
    "quotactl": 60,
    "acct": 89,
    "unshare": 97,
    "kexec_load": 104,
    "init_module": 105,
    "delete_module": 106,
    "clock_settime": 112,
    "syslog": 116,
    "ptrace": 117,
    "sched_setparam": 118,
    "sched_setscheduler": 119,
    "setpriority": 140,
    "reboot": 142,
    "setpgid": 154,
    "setsid": 157,
    "prctl": 167,
    "settimeofday": 170,
    "socket": 198,
    "add_key": 217,
    "request_key": 218,
    "keyctl": 219,
    "clone": 220,
    "swapon": 224,
    "swapoff": 225,
    "perf_event_open": 241,
    "prlimit64": 261,
    "name_to_handle_at": 264,
    "open_by_handle_at": 265,
    "setns": 268,
    "process_vm_readv": 270,
    "process_vm_writev": 271,
    "kcmp": 272,
    "finit_module": 273,
    "sched_setattr": 274,
    "bpf": 280,
    "userfaultfd": 282,
    "kexec_file_load": 294,
}


@dataclass(frozen=True, slots=True)
class _Machine:
    audit_name: int
    numbers: Mapping[str, int]


_MACHINES = {"x86_64": _Machine(0xC000003E, _X86_64), "aarch64": _Machine(0xC00000B7, _AARCH64)}


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction of a BPF program. Jumps count the instructions that are skipped."""

    code: int
    value: int
    if_true: int = 0
    if_false: int = 0


class _RawInstruction(ctypes.Structure):
    _fields_ = [
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class _RawProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_RawInstruction))]


def filter_system_calls(machine: str, *, network: bool, children: bool) -> bool:
    """Installs the filter for this thread and all that it starts.

    Without `children` it can start threads, but no process. Returns False on a machine whose system calls are
    not known. Raises `OSError` if the kernel refuses; a process needs `forbid_new_privileges` first.
    """
    if machine not in _MACHINES:
        return False
    instructions = tuple(build_filter(machine, network=network, children=children))
    raw = (_RawInstruction * len(instructions))(
        *(_RawInstruction(each.code, each.if_true, each.if_false, each.value) for each in instructions)
    )
    program = _RawProgram(len(instructions), raw)
    prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program))
    return True


def build_filter(machine: str, *, network: bool, children: bool) -> Iterator[Instruction]:
    """Yields the BPF program for a known machine."""
    known = _MACHINES[machine]
    yield Instruction(_LOAD_WORD, _MACHINE_OFFSET)
    yield Instruction(_JUMP_IF_EQUAL, known.audit_name, if_true=1)
    yield Instruction(_RETURN, _KILL)  # system calls of another architecture have other numbers
    yield Instruction(_LOAD_WORD, _NUMBER_OFFSET)
    if machine == "x86_64":
        yield Instruction(_JUMP_IF_AT_LEAST, _X32_CALLS, if_false=1)
        yield Instruction(_RETURN, _KILL)
    for name, number in known.numbers.items():
        if name in _OWN_ONLY:
            yield from _if_called(number, _unless_zero(_OWN_ONLY[name]))
        elif name not in _CHECKED:
            yield from _if_called(number, [Instruction(_RETURN, _REFUSE | errno.EPERM)])
    # Its flags are in memory, where no filter sees them. Libraries use `clone` where this is not implemented.
    yield from _if_called(known.numbers["clone3"], [Instruction(_RETURN, _REFUSE | errno.ENOSYS)])
    # A process that adopts orphans keeps doing so: they would be counted nowhere else.
    yield from _if_called(known.numbers["prctl"], _unless_first_argument_is(_SET_CHILD_SUBREAPER))
    if not children:
        for name in ("fork", "vfork"):
            if name in known.numbers:  # a machine without them has `clone` only
                yield from _if_called(known.numbers[name], [Instruction(_RETURN, _REFUSE | errno.EPERM)])
    yield from _if_called(known.numbers["clone"], _unless_clone_makes_more(children=children))
    yield from _if_called(known.numbers["socket"], _if_family_in(_NETWORK_FAMILIES if network else ()))
    yield Instruction(_RETURN, _ALLOW)


def _if_called(number: int, block: Sequence[Instruction]) -> Iterator[Instruction]:
    """Yields instructions that run the block, which must return, for this system call only."""
    yield Instruction(_JUMP_IF_EQUAL, number, if_false=len(block))
    yield from block


def _unless_zero(arguments: Sequence[int]) -> Sequence[Instruction]:
    """Returns a block that refuses the call unless the lower halves of these arguments, numbers, are 0."""
    block = [Instruction(_RETURN, _ALLOW), Instruction(_RETURN, _REFUSE | errno.EPERM)]
    for offset in reversed(arguments):
        refusal = len(block) - 1
        block = [
            Instruction(_LOAD_WORD, offset),
            Instruction(_JUMP_IF_EQUAL, 0, if_false=refusal),
            *block,
        ]
    return block


def _unless_first_argument_is(refused: int) -> Sequence[Instruction]:
    return [
        Instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        Instruction(_JUMP_IF_EQUAL, refused, if_false=1),
        Instruction(_RETURN, _REFUSE | errno.EPERM),
        Instruction(_RETURN, _ALLOW),
    ]


def _unless_clone_makes_more(*, children: bool) -> Sequence[Instruction]:
    """Returns a block that refuses namespaces, and without `children` all but threads."""
    block = [
        Instruction(_JUMP_IF_ANY_BIT, _NAMESPACE_FLAGS, if_false=1),
        Instruction(_RETURN, _REFUSE | errno.EPERM),
        Instruction(_RETURN, _ALLOW),
    ]
    if not children:
        block.insert(0, Instruction(_JUMP_IF_ANY_BIT, _CLONE_THREAD, if_false=1))
    return [Instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET), *block]


def _if_family_in(families: Sequence[int]) -> Sequence[Instruction]:
    checks = [
        Instruction(_JUMP_IF_EQUAL, family, if_true=len(families) - index)
        for index, family in enumerate(families)
    ]
    return [
        Instruction(_LOAD_WORD, _FIRST_ARGUMENT_OFFSET),
        *checks,
        Instruction(_RETURN, _REFUSE | errno.EPERM),
        Instruction(_RETURN, _ALLOW),
    ]
