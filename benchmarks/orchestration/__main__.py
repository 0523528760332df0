"""Measures every contender in turn, round after round: `python -m benchmarks.orchestration`; see --help.

Prints the tables, stores all figures as JSON, and with --write puts the tables into
docs/explanation/performance.md.
"""

import argparse
import asyncio
import json
import logging
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from benchmarks.machine import machine
from benchmarks.orchestration.catalogue import CONTENDERS
from benchmarks.orchestration.contender import ROOT, Contender
from benchmarks.orchestration.figures import figures_of
from benchmarks.orchestration.plan import Measured
from benchmarks.orchestration.report import ratios, table
from benchmarks.orchestration.round import measure
from benchmarks.page import PAGE, put_between_marks

NAME = "benchmarks.orchestration"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.orchestration", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=[each.name for each in CONTENDERS], help="only these")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--light", type=int, default=200, help="chains one at a time")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the chains at saturation")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "orchestration.json")
    parser.add_argument("--write", action="store_true", help=f"write the table into {PAGE.name}")
    return parser.parse_args()


async def measure_all(
    contenders: Sequence[Contender], options: argparse.Namespace
) -> dict[str, list[Measured]]:
    """Measures in rounds over all contenders, so that a slow hour of the machine affects all of them."""
    measured: dict[str, list[Measured]] = {each.name: [] for each in contenders}
    for number in range(1, options.rounds + 1):
        for contender in contenders:
            result = await measure(contender, contender.plan(options.light, options.scale))
            measured[contender.name].append(result)
            print(f"round {number}: {summary(contender, result)}", flush=True)
    return measured


def summary(contender: Contender, measured: Measured) -> str:
    """Returns the figures of one round in one line."""
    figures = figures_of([measured])
    rates = ", ".join(f"{rate:,.0f}/s with {window:,} open" for window, rate in figures.rates.items())
    programs = ", ".join(f"{name} {ms:.2f}" for name, ms in measured.cpu.items() if ms >= 0.005)
    alone = f"p50 {figures.p50 * 1000:.1f} ms, p99 {figures.p99 * 1000:.1f} ms alone"
    return f"{contender.name}: {rates}; {alone}; CPU ms a chain: {programs}"


def save(path: Path, measured: Mapping[str, Sequence[Measured]]) -> None:
    document = {
        "machine": machine(),
        "python": platform.python_version(),
        "rounds": {name: [asdict(each) for each in rounds] for name, rounds in measured.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1))


def main() -> None:
    options = arguments()
    logging.getLogger("aiormq").setLevel(logging.CRITICAL)  # it logs errors while a broker starts
    contenders = [each for each in CONTENDERS if not options.only or each.name in options.only]
    measured = asyncio.run(measure_all(contenders, options))
    save(options.out, measured)
    figures = {name: figures_of(rounds) for name, rounds in measured.items()}
    text = f"{table(contenders, figures)}\n\n{ratios(contenders, figures)}"
    print(text)
    if options.write:
        put_between_marks(PAGE, NAME, f"{machine()}; medians of {options.rounds} rounds.\n\n{text}")


if __name__ == "__main__":
    main()
