"""A stage without its bus: fetch the inputs, run the service's core, keep the outputs."""

import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from google.protobuf.message import Message

from services.chassis.aio import results_of
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import EngineUnknown, InvalidArgument
from services.chassis.observability import metrics
from services.chassis.observability.telemetry import tracer
from services.chassis.storage import Artifact, ObjectStore


@dataclass(frozen=True, slots=True)
class Product:
    """A file that a stage made."""

    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class StageResult:
    """What a service's core made; `media_seconds` is the length of it, zero if it has none."""

    products: Mapping[str, Product]
    media_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """The same, stored."""

    outputs: Mapping[str, Artifact]
    media_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()


class StageHandler(Protocol):
    """How stages enter a service: unpack the task, call the core, pack the result."""

    @property
    def task_type(self) -> type[Message]: ...

    def run(
        self, engine: EnginePool, task: Any, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        """Yield progress, then one result whose files stand in `scratch`.

        `task` is a message of `task_type`, `inputs` are local files by the names of the contract.
        """
        ...


class StageRunner:
    """Runs stages for both doors of a service, the bus and gRPC."""

    def __init__(
        self,
        service: str,
        pools: Mapping[str, EnginePool],
        store: ObjectStore,
        door: StageHandler,
        *,
        scratch: Path,
    ) -> None:
        self.service = service
        self._pools = pools
        self._store = store
        self._door = door
        self.scratch = scratch
        """Where whoever runs here keeps its files: what a killed worker leaves there is removed."""

    @property
    def task_type(self) -> type[Message]:
        return self._door.task_type

    def pool(self, engine: str) -> EnginePool:
        """Raises `EngineUnknown` if it is not hosted here."""
        try:
            return self._pools[engine]
        except KeyError:
            hosted = ", ".join(sorted(self._pools)) or "none"
            raise EngineUnknown(
                f"The {self.service} service has no engine {engine!r}. It has: {hosted}."
            ) from None

    async def run(
        self, workspace_id: str, engine: str, task: Message, inputs: Mapping[str, Artifact]
    ) -> AsyncGenerator[Progress | StageOutcome]:
        """Yield progress, then the outcome. Nothing is left in the scratch directory, however it ends, but
        for what a download that cannot be stopped still writes: that goes when the service ends."""
        pool = self.pool(engine)
        with tempfile.TemporaryDirectory(
            prefix="stage-", dir=self.scratch, ignore_cleanup_errors=True
        ) as directory:
            scratch = Path(directory)
            files = await self._fetch(inputs, scratch)
            async with aclosing(self._door.run(pool, task, files, scratch)) as items:
                async for item in items:
                    if isinstance(item, StageResult):
                        yield await self._keep(workspace_id, item)
                    else:
                        yield item

    async def _fetch(self, inputs: Mapping[str, Artifact], scratch: Path) -> dict[str, Path]:
        directory = scratch / "inputs"
        directory.mkdir()
        with tracer().start_as_current_span(metrics.SPAN_FETCH):
            paths = await results_of(
                self._store.fetch(artifact, directory / str(number))
                for number, artifact in enumerate(inputs.values())
            )
        return dict(zip(inputs, paths, strict=True))

    async def _keep(self, workspace_id: str, result: StageResult) -> StageOutcome:
        products = result.products
        with tracer().start_as_current_span(metrics.SPAN_STORE):
            artifacts = await results_of(
                self._store.put_file(workspace_id, product.path, product.media_type)
                for product in products.values()
            )
        outputs = dict(zip(products, artifacts, strict=True))
        return StageOutcome(outputs, result.media_seconds, result.checks)


def required_input(inputs: Mapping[str, Path], name: str) -> Path:
    """Raises `InvalidArgument` if the stage was requested without it."""
    try:
        return inputs[name]
    except KeyError:
        raise InvalidArgument(f"The stage lacks its input {name!r}.") from None
