"""A running stack with tenants and a client: what every scenario begins with."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.client import ApiClient
from tests.chaos.runs import Run, read_runs
from tests.chaos.shape import Shape
from tests.chaos.stack import ChaosStack
from tests.chaos.tenants import make_tenants
from tests.chaos.truth import Truth

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Setting:
    """Where and how to run; `root` must not exist yet."""

    root: Path
    bus: str
    seed: int
    tell: Tell


@dataclass(frozen=True, slots=True)
class Trial:
    setting: Setting
    stack: ChaosStack
    truth: Truth
    api: ApiClient

    def runs(self) -> list[Run]:
        return read_runs(self.stack.root)


@asynccontextmanager
async def open_trial(setting: Setting, shape: Shape, *, tenants: int) -> AsyncIterator[Trial]:
    """Everything is stopped however it ends."""
    stack = ChaosStack(setting.root, setting.bus, shape)
    truth = Truth(stack.postgres.url)
    async with AsyncExitStack() as exits:
        exits.push_async_callback(stack.stop)
        exits.push_async_callback(truth.close)
        await stack.start()
        made = await make_tenants(stack.postgres.url, stack.urls[0], tenants)
        api = await exits.enter_async_context(ApiClient(stack.urls, made))
        setting.tell("the stack is ready")
        yield Trial(setting, stack, truth, api)
