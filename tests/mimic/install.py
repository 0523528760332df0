"""Says how a worker comes to the engine `mimic`."""

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]


def mimic_variables() -> Mapping[str, str]:
    """Returns what is added to a worker's environment, so that it finds the engine."""
    paths = [str(ROOT / "tests" / "mimic" / "plugin"), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
