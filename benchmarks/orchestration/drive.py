"""Measures one contender once: `python -m benchmarks.orchestration.drive MODULE PLAN`, figures on stdout.

Runs in the contender's own environment. It imports no other contender and starts no server.
"""

import asyncio
import json
import os
import sys
from dataclasses import asdict
from importlib import import_module

import uvloop

from benchmarks.orchestration.cpu import seconds_by_program
from benchmarks.orchestration.measure import Stopwatch
from benchmarks.orchestration.plan import Measured, Plan
from benchmarks.orchestration.system import Running

FIRST_SECONDS = 60.0
WARM_WINDOW = 20


async def measure(running: Running, plan: Plan) -> Measured:
    """Runs the contender and all chains of the plan. Raises TimeoutError if chains do not end."""
    watch = Stopwatch()
    async with running(watch.done) as submit:
        async with asyncio.timeout(FIRST_SECONDS):
            await watch.until_up(submit)
        await watch.rate(submit, window=WARM_WINDOW, total=plan.warm)
        seconds = await watch.latencies(submit, plan.light)
        before = seconds_by_program(os.getppid())
        rates = {
            window: await watch.rate(submit, window=window, total=total)
            for window, total in plan.saturated.items()
        }
        after = seconds_by_program(os.getppid())
    chains = sum(plan.saturated.values())
    spent = {name: after.get(name, 0.0) - before.get(name, 0.0) for name in {**after, **before}}
    return Measured(seconds, rates, {name: 1000 * value / chains for name, value in spent.items()})


def main() -> None:
    module, plan = sys.argv[1:]
    contender = import_module(module)
    measured = uvloop.run(measure(contender.running, Plan.from_json(plan)))
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main()
