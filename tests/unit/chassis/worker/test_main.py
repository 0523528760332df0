import subprocess
import sys

import pytest

ENDS = """
import atexit, sys
from services.chassis.worker.main import end_process

class Costly:
    def __del__(self):
        print("freed")

costly = Costly()
atexit.register(print, "the last spans")
sys.stdout.write("the last line\\n")
end_process(int(sys.argv[1]))
"""


@pytest.mark.parametrize("status", [0, 1])
def test_a_process_ends_with_its_exit_functions_but_frees_no_objects(status: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ENDS, str(status)], capture_output=True, text=True, check=False
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (status, "the last line\nthe last spans\n", "")
