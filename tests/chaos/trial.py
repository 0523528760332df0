"""Starts a stack with tenants and a client, which every scenario begins with."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.client import ApiClient
from tests.chaos.database import Database
from tests.chaos.runs import Run, read_runs
from tests.chaos.shape import Shape
from tests.chaos.stack import ChaosStack
from tests.chaos.tenants import make_tenants

Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """Options of a run that do not depend on the scenario. `root` must not exist yet."""

    root: Path
    bus: str
    seed: int
    log: Log


@dataclass(frozen=True, slots=True)
class Trial:
    """A running stack with its client and a direct connection to its database."""

    setting: Setting
    stack: ChaosStack
    database: Database
    api: ApiClient

    def runs(self) -> list[Run]:
        return read_runs(self.stack.root)


@asynccontextmanager
async def open_trial(setting: Setting, shape: Shape, *, tenants: int) -> AsyncGenerator[Trial]:
    """Starts a stack and yields it with its client. Everything is stopped at the end, also after an error."""
    stack = ChaosStack(setting.root, setting.bus, shape)
    database = Database(stack.postgres.url)
    async with AsyncExitStack() as exits:
        exits.push_async_callback(stack.stop)
        exits.push_async_callback(database.close)
        await stack.start()
        tenants_made = await make_tenants(stack.postgres.url, stack.urls[0], tenants)
        api = await exits.enter_async_context(ApiClient(stack.urls, tenants_made))
        setting.log("the stack is ready")
        yield Trial(setting, stack, database, api)
