"""Fuzzes scripts, SSML, lexicons and media, in process and through the API of a stack that it starts."""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e import stack as stacks
from tests.fuzz.findings import Findings
from tests.fuzz.run import Campaign, run
from tests.fuzz.target import FuzzTarget, Setting, case_of
from tests.fuzz.targets import TARGETS


def main() -> None:
    options = parse()
    chosen = [TARGETS[name] for name in options.target or TARGETS]
    if options.case is not None:
        run_once(chosen[0], options.case, Setting(options.url, options.key))
        return
    folder: Path = options.findings
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    # Outside of root's own folders: the account that runs PostgreSQL must be able to reach it.
    with tempfile.TemporaryDirectory(prefix="likeness-fuzz-") as root:
        data = Path(root) / "data"
        try:
            campaign = start(chosen, options, data)
            asyncio.run(run(chosen, campaign))
            deaths = deaths_in(data / "logs")
        finally:
            if data.exists():
                stacks.stop(data)
    sys.stdout.write(f"{campaign.summary(chosen)}\n{''.join(deaths)}")
    sys.exit(bool(campaign.findings.counts or deaths))


def start(chosen: list[FuzzTarget], options: argparse.Namespace, data: Path) -> Campaign:
    """Starts a stack if a target needs one."""
    setting = Setting()
    if any(each.through_api for each in chosen):
        stack = stacks.start(data, {})
        setting = Setting(stack.url, stack.api_key)
    until = time.monotonic() + options.minutes * 60
    return Campaign(setting, options.seed, until, Findings(options.findings))


def deaths_in(logs: Path) -> list[str]:
    """Returns the lines about engines that died of what they were sent, and about services that did."""
    return [
        f"{log.name}: {line}"
        for log in sorted(logs.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines(keepends=True)
        if any(each in line for each in DEATHS)
    ]


def run_once(target: FuzzTarget, number: int, setting: Setting) -> None:
    """Runs one case again, in this process."""
    case = case_of(target, number)
    sys.stdout.write(f"{str(case)[:2000]}\n")
    with target.opened(setting) as run_case:
        began = time.monotonic()
        run_case(case)
        sys.stdout.write(f"{time.monotonic() - began:.2f} s\n")


DEATHS = ('"engine_crashed"', '"out_of_memory"', '"engine.failed"', '"stage.broken"')


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--target", action="append", choices=TARGETS, help="default: all")
    parser.add_argument("--findings", type=Path, default=Path("out/fuzz"), help="replaced by this run's")
    parser.add_argument("--case", type=int, help="run this case of the target again, and nothing else")
    parser.add_argument("--url", default="", help="of a running stack, for --case")
    parser.add_argument("--key", default="")
    return parser.parse_args()


if __name__ == "__main__":
    main()
