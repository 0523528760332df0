"""`python -m benchmarks.waiting`: how true estimates are, and how long a short video waits for a long one."""

import argparse

from benchmarks.media.workbench import open_workbench
from benchmarks.page import PAGE, put_between_marks
from benchmarks.waiting import estimates, overtaking

MEASUREMENTS = {"estimates": estimates.measure, "overtaking": overtaking.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.waiting", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"Some of {', '.join(MEASUREMENTS)}; all by default.")
    parser.add_argument("--write", action="store_true", help="Write the tables into the documentation.")
    arguments = parser.parse_args()
    for name in arguments.names or MEASUREMENTS:
        with open_workbench() as bench:
            text = MEASUREMENTS[name](bench)
        print(f"\n{text}\n", flush=True)
        if arguments.write:
            put_between_marks(PAGE, f"benchmarks.waiting.{name}", text)


if __name__ == "__main__":
    main()
