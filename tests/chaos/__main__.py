"""`python -m tests.chaos --help`."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.load import draw_seed
from tests.chaos.report import Report
from tests.chaos.soak import Soak, SoakOptions
from tests.chaos.stack import BUSES

FAULTS_PER_MINUTE = 12


def main() -> None:
    options = parse()
    began = time.monotonic()

    def tell(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:7.1f} s  {line}\n")

    # Not a folder of root's own: the account that runs PostgreSQL must be able to pass through it.
    root = Path(tempfile.mkdtemp(prefix="likeness-chaos-")) / "run"
    tell(f"seed {options.seed}, in {root}")
    report = asyncio.run(run(root, options, tell))
    sys.stdout.write(report.table())
    if options.report:
        report.save(options.report)
    if report.passed and not options.keep:
        shutil.rmtree(root.parent)
    else:
        tell(f"logs and data are in {root}")
    sys.exit(not report.passed)


async def run(root: Path, options: argparse.Namespace, tell) -> Report:
    seconds = options.minutes * 60
    faults = options.faults or max(1, round(options.minutes * FAULTS_PER_MINUTE))
    soak = SoakOptions(
        bus=options.bus,
        seed=options.seed,
        seconds=seconds,
        faults=faults,
        in_flight=options.in_flight,
        pace=options.pace,
    )
    return await Soak(root, soak, tell).run()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--bus", choices=BUSES, default="nats")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--faults", type=int, default=0, help="default: 12 a minute")
    parser.add_argument("--in-flight", type=int, default=200)
    parser.add_argument("--pace", type=float, default=1.0, help="multiplies how long stages take")
    parser.add_argument("--report", type=Path, help="write the result there as JSON")
    parser.add_argument("--keep", action="store_true", help="keep logs and data in any case")
    options = parser.parse_args()
    options.seed = draw_seed() if options.seed is None else options.seed
    return options


if __name__ == "__main__":
    main()
