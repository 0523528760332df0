"""Images of others are pinned by digest, all of them or none yet."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.manifests.repository import ROOT

DIGEST = f"sha256:{7:064}"
OURS = "likeness-"


def image_names(root: Path) -> Iterator[str]:
    """Yields the images of others that the Dockerfile and the manifests name."""
    for path in (root / "deploy").rglob("*"):
        for line in path.read_text().splitlines() if path.is_file() else ():
            match line.removeprefix("# syntax=").split() if line.startswith("# syntax=") else line.split():
                case [name] if line.startswith("# syntax="):
                    yield name
                case ["FROM" | "image:", name, *_] if ":" in name and not name.startswith(OURS):
                    yield name
                case _:
                    pass


def test_all_images_of_others_have_a_digest_or_none_has() -> None:
    names = list(image_names(ROOT))
    pinned = [name for name in names if "@sha256:" in name]
    assert names
    assert pinned in ([], names), "run scripts/pin-images"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("deploy", "scripts"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "docker").write_text("#!/bin/sh\nexit 1\n")
    for tool in tools.iterdir():
        tool.chmod(0o755)
    return tmp_path


def pin(copy: Path, answer: str) -> int:
    crane = copy / "tools" / "crane"
    crane.write_text(f"#!/bin/sh\n{answer}\n")
    crane.chmod(0o755)
    path = f"{copy / 'tools'}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, copy / "scripts" / "pin-images"]
    return subprocess.run(command, env={**os.environ, "PATH": path}, check=False).returncode


def test_images_are_pinned_by_what_the_registry_says(copy: Path) -> None:
    for _ in range(2):
        assert pin(copy, f"echo {DIGEST}") == 0
        names = list(image_names(copy))
        assert len(names) == 3
        assert all(name.endswith(f"@{DIGEST}") and name.count("@") == 1 for name in names)


def test_nothing_is_pinned_without_an_answer(copy: Path) -> None:
    before = {path: path.read_text() for path in (copy / "deploy").rglob("*") if path.is_file()}
    assert pin(copy, "exit 1") == 1
    assert {path: path.read_text() for path in before} == before
