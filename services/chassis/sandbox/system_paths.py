"""Lists what a confined Python process must be able to read: code, system libraries, facts of the machine."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

_SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/nix/store", "/gnu/store", "/snap")
_OPTIONAL = ("amdgpu", "intel", "nvidia", "rocm*")
"""Folders below /opt with libraries for GPUs; others there may be servers with their data."""
_SETTINGS = (
    "alternatives",
    "crypto-policies",
    "fonts",
    "gai.conf",
    "group",
    "host.conf",
    "hosts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "nsswitch.conf",
    "OpenCL",
    "passwd",
    "pki/ca-trust",
    "pki/tls/certs",
    "resolv.conf",
    "ssl/certs",
    "ssl/openssl.cnf",
    "timezone",
    "vulkan",
)
_MACHINE = (
    "/proc/cpuinfo",
    "/proc/driver/nvidia",
    "/proc/filesystems",
    "/proc/meminfo",
    "/proc/self",
    "/proc/stat",
    "/proc/sys/kernel",
    "/proc/sys/vm",
    "/proc/version",
    "/sys/class/drm",
    "/sys/devices",
    "/sys/bus/pci",
    "/sys/fs/cgroup",
    "/sys/module/nvidia",
)
_DEVICES = ("null", "zero", "full", "random", "urandom", "dri", "kfd")


def system_paths() -> Iterator[Path]:
    """Yields the folders and files of the system: no keys, no accounts' folders, no other processes."""
    yield from map(Path, _SYSTEM)
    for name in _OPTIONAL:
        yield from Path("/opt").glob(name)
    yield from (Path("/etc", name) for name in _SETTINGS)
    yield from map(Path, _MACHINE)


def device_paths() -> Iterator[Path]:
    """Yields the devices that computations use."""
    yield from (Path("/dev", name) for name in _DEVICES)
    yield from Path("/dev").glob("nvidia*")


def code_paths() -> Iterator[Path]:
    """Yields where Python finds modules.

    A folder on the path that belongs to no installation may be anyone's home: only the packages and modules
    in it are code.
    """
    installations = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    yield from installations
    for entry in dict.fromkeys(sys.path):
        with suppress(OSError):  # this process cannot enter the folder: Python finds nothing there
            yield from _code_in(Path(entry).resolve(), installations)


def _code_in(folder: Path, installations: Iterable[Path]) -> Iterator[Path]:
    if folder.name in ("site-packages", "dist-packages") or folder.suffix == ".zip":
        yield folder
    elif folder.is_dir() and not any(folder.is_relative_to(each) for each in installations):
        yield from filter(_is_code, folder.iterdir())


def _is_code(path: Path) -> bool:
    return path.suffix in (".py", ".so", ".dist-info", ".egg-info") or _is_package(path)


def _is_package(folder: Path) -> bool:
    """Tells whether the folder is a package, or a namespace of packages, that this process can read."""
    try:
        if not folder.name.isidentifier() or not folder.is_dir():
            return False
        return (folder / "__init__.py").is_file() or any(folder.glob("*/__init__.py"))
    except OSError:
        return False
