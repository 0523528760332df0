"""Runs one measurement of one contender, with fresh servers, in a process of its own environment."""

import asyncio
import os

from benchmarks.orchestration.contender import PACKAGE, ROOT, Contender
from benchmarks.orchestration.plan import Measured, Plan
from benchmarks.orchestration.servers import serving

PYTHONPATH = f"{ROOT}:{ROOT / 'proto' / 'gen'}"


async def measure(contender: Contender, plan: Plan) -> Measured:
    """Returns the measured values. Raises RuntimeError with the output of the process if it fails."""
    async with serving(contender.servers) as addresses:
        process = await asyncio.create_subprocess_exec(
            contender.environment / "bin" / "python",
            "-m",
            f"{PACKAGE}.drive",
            contender.module,
            plan.to_json(),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": PYTHONPATH, **addresses, **contender.variables},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"{contender.name} was not measured:\n{errors.decode()[-4000:]}")
    return Measured.from_json(output.decode().splitlines()[-1])
