"""Runs a real stack under load, injects faults into it, and checks the result."""

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from tests.chaos.load import draw_seed
from tests.chaos.report import Report
from tests.chaos.scenarios.broker_wipe import broker_wipe
from tests.chaos.scenarios.cancels import cancels
from tests.chaos.scenarios.fairness import fairness
from tests.chaos.scenarios.full_disks import FULL_DISKS, full_disks
from tests.chaos.scenarios.outages import broker_kills, postgres_restarts, zombies
from tests.chaos.scenarios.speedup import speedup
from tests.chaos.scenarios.worker_kills import worker_kills
from tests.chaos.small_disk import enter_private_mounts, missing_for_disks
from tests.chaos.soak import SoakOptions, soak
from tests.chaos.stack import BUSES
from tests.chaos.trial import Setting

FAULTS_PER_MINUTE = 12
Scenario = Callable[[Setting, int], Awaitable[Report]]
SCENARIOS: Mapping[str, tuple[Scenario, int]] = {
    "worker-kills": (worker_kills, 200),
    "broker-kills": (broker_kills, 10),
    "broker-wipe": (broker_wipe, 200),
    "postgres-restarts": (postgres_restarts, 2000),
    "zombies": (zombies, 100),
    "cancels": (cancels, 50),
    "fairness": (fairness, 500),
    "speedup": (speedup, 3),
    **{name: (full_disks(name), 15) for name in FULL_DISKS},
}
"""Scenarios with their default count; for broker-kills it is minutes, for full disks seconds."""


def main() -> None:
    options = parse()
    # It logs an error whenever a broker is asked whether it has started already.
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)
    if options.scenario in FULL_DISKS:
        if missing := missing_for_disks():
            sys.stderr.write(f"{options.scenario} is skipped: {missing}\n")
            return
        enter_private_mounts()
    began = time.monotonic()

    def log(line: str) -> None:
        sys.stderr.write(f"{time.monotonic() - began:7.1f} s  {line}\n")

    # Outside of root's own folders: the account that runs PostgreSQL must be able to reach it.
    root = Path(tempfile.mkdtemp(prefix="likeness-chaos-")) / "run"
    log(f"seed {options.seed}, in {root}")
    report = asyncio.run(run(Setting(root, options.bus, options.seed, log), options))
    sys.stdout.write(report.table())
    if options.report:
        report.save(options.report)
    if report.passed and not options.keep:
        shutil.rmtree(root.parent)
    else:
        log(f"logs and data are in {root}")
    sys.exit(not report.passed)


async def run(setting: Setting, options: argparse.Namespace) -> Report:
    if options.scenario in SCENARIOS:
        scenario, count = SCENARIOS[options.scenario]
        return await scenario(setting, options.count or count)
    faults = options.faults or max(1, round(options.minutes * FAULTS_PER_MINUTE))
    load = SoakOptions(in_flight=options.in_flight, pace=options.pace)
    return await soak(setting, load, seconds=options.minutes * 60, faults=faults)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("scenario", nargs="?", choices=("soak", *SCENARIOS), default="soak")
    parser.add_argument("count", nargs="?", type=int, default=0, help="how much of a scenario")
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
