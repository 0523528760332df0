"""Lets Python store an engine's modules compiled, which a confined process cannot."""

import importlib
import os
import sys
from importlib.machinery import PathFinder
from importlib.util import cache_from_source
from pathlib import Path


def store_bytecode(path: str) -> None:
    """Opens the engine once in a process that is not confined and sees no input, if that stores bytecode.

    Compiling all that an engine imports takes seconds. They are stored on the first import after an
    installation, provided that the installation may be written to; later starts find them.
    """
    module = path.partition(":")[0]
    if sys.dont_write_bytecode or not _lacks_bytecode(module):
        return
    child = os.fork()
    if child == 0:
        _import_and_exit(path)
    os.waitpid(child, 0)


def _lacks_bytecode(module: str) -> bool:
    """Tells whether the module's bytecode is missing or old, and could be stored."""
    source = _source_of(module)
    if source is None or not os.access(source.parent, os.W_OK):
        return False
    stored = Path(cache_from_source(str(source)))
    return not stored.exists() or stored.stat().st_mtime < source.stat().st_mtime


def _source_of(module: str) -> Path | None:
    """Returns the module's file. Nothing is imported: a package may start threads when it is."""
    top, *rest = module.split(".")
    found = PathFinder.find_spec(top)
    if found is None:
        return None
    files = [Path(found.origin)] if found.origin and not rest else []
    for folder in found.submodule_search_locations or ():
        files += [Path(folder, *rest).with_suffix(".py"), Path(folder, *rest, "__init__.py")]
    return next((file for file in files if file.is_file()), None)


def _import_and_exit(path: str) -> None:
    module, _, name = path.partition(":")
    try:
        engine = getattr(importlib.import_module(module), name)()
        engine.open()
    except BaseException:  # noqa: BLE001 - the engine's own process reports any error
        os._exit(1)
    os._exit(0)
