"""Tests that a process gives memory back."""

import subprocess
import sys


def test_freed_memory_goes_back_to_the_system() -> None:
    """In a process of its own: of freed blocks between used ones, glibc returns nothing by itself."""
    code = (
        "import os\n"
        "from services.chassis.engine_host.resident_memory import resident_bytes\n"
        "from services.chassis.freed_memory import return_freed_memory\n"
        "blocks = [bytes(100_000) for _ in range(600)]; kept = blocks[::6]; del blocks\n"
        "before = resident_bytes(os.getpid()); return_freed_memory()\n"
        "print(before - resident_bytes(os.getpid()))"
    )
    given = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert int(given) > 30_000_000
