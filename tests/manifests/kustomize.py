"""Renders folders of manifests with `kubectl kustomize` and finds objects in them."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.manifests.repository import ROOT


@cache
def rendered(folder: Path) -> list[dict[str, Any]]:
    """Returns the objects of a folder. Skips the test if there is no kubectl, but never in CI."""
    if shutil.which("kubectl") is None and os.environ.get("CI") != "true":
        pytest.skip("kubectl is missing. As root, run: apt-get install kubernetes-client")
    command = ["kubectl", "kustomize", str(folder)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(yaml.safe_load_all(output))


def find_object(folder: Path, kind: str, name: str) -> dict[str, Any]:
    """Returns the object of that kind and name. Fails the test if the folder does not render it."""
    matching = [d for d in rendered(folder) if d["kind"] == kind and d["metadata"]["name"] == name]
    assert matching, f"{folder.relative_to(ROOT)} renders no {kind} {name!r}"
    return matching[0]
