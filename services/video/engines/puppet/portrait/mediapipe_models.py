"""Imports the models of MediaPipe that are used here, without matplotlib.

MediaPipe's drawing functions, which are not used, import matplotlib: that is half of the time that the engine
takes to open, and memory of each of its processes.
"""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

from services.video.engines.puppet.portrait.quiet_stderr import quiet_stderr

UNUSED = ("matplotlib", "matplotlib.pyplot")


@contextmanager
def _empty_modules(names: tuple[str, ...]) -> Generator[None]:
    """Gives empty modules to whoever imports these names in the block; those imported before stay."""
    added = {name: ModuleType(name) for name in names if name not in sys.modules}
    for name, module in added.items():
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent in added:
            setattr(added[parent], child, module)
    try:
        yield
    finally:
        for name in added:
            del sys.modules[name]


with quiet_stderr(), _empty_modules(UNUSED):
    from mediapipe.python.solutions.face_mesh import FaceMesh  # pyright: ignore[reportMissingTypeStubs]
    from mediapipe.python.solutions.selfie_segmentation import (  # pyright: ignore[reportMissingTypeStubs]
        SelfieSegmentation,
    )

__all__ = ["FaceMesh", "SelfieSegmentation"]
