"""Measures speech and faces: `python -m benchmarks.media [what…]`; see --help.

Prints a table for each measurement, and with --write puts it into its place in
docs/explanation/performance.md.
"""

import argparse
from collections.abc import Callable, Mapping

from benchmarks.machine import machine
from benchmarks.media import clones, conversion, first_byte, lips, memory, speed, voices, warm, words
from benchmarks.media.workbench import Workbench, open_workbench
from benchmarks.page import PAGE, put_between_marks

MEASUREMENTS: Mapping[str, Callable[[Workbench], str]] = {
    "speed": speed.measure,
    "warm": warm.measure,
    "memory": memory.measure,
    "lips": lips.measure,
    "conversion": conversion.measure,
    "words": words.measure,
    "voices": voices.measure,
    "clones": clones.measure,
    "first_byte": first_byte.measure,
}


def arguments() -> argparse.Namespace:
    """Parses the command line. Exits with a message for an unknown measurement."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.media", description=__doc__)
    parser.add_argument("what", nargs="*", metavar="what", help=f"some of {', '.join(MEASUREMENTS)}; or all")
    parser.add_argument("--write", action="store_true", help=f"write the tables into {PAGE.name}")
    options = parser.parse_args()
    unknown = sorted(set(options.what) - set(MEASUREMENTS))
    if unknown:
        parser.error(f"There is no {', '.join(unknown)}. There are {', '.join(MEASUREMENTS)}.")
    return options


def main() -> None:
    options = arguments()
    with open_workbench() as bench:
        for name in options.what or MEASUREMENTS:
            text = f"{MEASUREMENTS[name](bench)}\n\nOn {machine()}."
            print(f"\n{name}\n\n{text}\n", flush=True)
            if options.write:
                put_between_marks(PAGE, f"benchmarks.media.{name}", text)


if __name__ == "__main__":
    main()
