"""Gives ready stages their turn, whenever there is room for one."""

import structlog

from services.gateway.database import TRANSIENT_ERRORS
from services.gateway.videos.ledger import Ledger

log = structlog.get_logger()


class Scheduler:
    """Safe to run in several gateways: each stage's turn is decided under its video's row lock."""

    def __init__(self, ledger: Ledger, *, sweep_seconds: float) -> None:
        self._ledger = ledger
        self._sweep = sweep_seconds

    async def run(self) -> None:
        """The sweep makes up for room that another gateway has not told of."""
        while True:
            try:
                while await self._ledger.schedule():
                    pass
            except TRANSIENT_ERRORS as exc:
                log.warning("schedule_failed", error=str(exc))
            await self._ledger.backlog.wait(self._sweep)
