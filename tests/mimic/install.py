"""Says how a worker comes to the engine `mimic`."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def mimic_variables(*packages: Path) -> Mapping[str, str]:
    """Returns what is added to a worker's environment, so that it finds the engine and other packages."""
    paths = [*map(str, packages), str(ROOT / "tests" / "mimic" / "plugin"), str(ROOT)]
    return {"PYTHONPATH": os.pathsep.join(filter(None, [*paths, os.environ.get("PYTHONPATH", "")]))}
