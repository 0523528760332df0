"""Modules that would take long to import stay out of the start of a process that does not need them."""

import subprocess
import sys

import pytest

PROBE = """
import importlib, sys
for name in sys.argv[1].split():
    importlib.import_module(name)
print(*sorted(set(sys.argv[2].split()) & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("imported", "left_out"),
    [
        (
            "services.cli.app services.cli.stack.local_stack",
            "alembic asyncpg boto3 botocore fastapi grpc httpx2 nats numpy pydantic rich",
        ),
        ("services.gateway.wiring", "alembic matplotlib numpy"),
        ("services.chassis.worker.service", "boto3 botocore cv2 fastapi mediapipe numpy"),
        ("services.chassis.engine_host.child", "boto3 grpc numpy pydantic structlog"),
        ("services.video.engines.puppet.rig.setup", "matplotlib scipy"),
    ],
)
def test_a_start_leaves_out_what_it_does_not_need(imported: str, left_out: str) -> None:
    probe = subprocess.run(
        [sys.executable, "-c", PROBE, imported, left_out], capture_output=True, text=True, check=True
    )

    assert probe.stdout.split() == []


def test_matplotlib_can_still_be_imported_beside_the_puppet() -> None:
    code = (
        "import services.video.engines.puppet.rig.setup, matplotlib.pyplot; print(matplotlib.pyplot.figure)"
    )

    probe = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert probe.stdout.startswith("<function figure")
