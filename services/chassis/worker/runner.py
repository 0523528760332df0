"""Stage runner, independent of the bus: fetches inputs, runs the service's handler, stores outputs."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from google.protobuf.message import Message

from services.chassis.aio import gather_all
from services.chassis.disk import temporary_folder
from services.chassis.engine_api.quality import QualityCheck
from services.chassis.engine_api.spec import Progress
from services.chassis.engine_host.pool import EnginePool
from services.chassis.errors import EngineUnknown, InvalidArgument, LikenessError
from services.chassis.observability import metrics
from services.chassis.observability.telemetry import tracer
from services.chassis.storage import Artifact, ObjectStore
from services.chassis.worker.input_cache import InputCache


@dataclass(frozen=True, slots=True)
class Product:
    """An output file of a stage."""

    path: Path
    media_type: str


@dataclass(frozen=True, slots=True)
class StageResult:
    """Output files of a handler; `media_seconds` is their length, zero if they have none."""

    products: Mapping[str, Product]
    media_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class StageOutcome:
    """A `StageResult` whose files have been uploaded."""

    outputs: Mapping[str, Artifact]
    media_seconds: float = 0.0
    checks: tuple[QualityCheck, ...] = ()


@dataclass(frozen=True, slots=True)
class Storing:
    """An item that says that the engine has ended and that its files are being uploaded."""


class StageHandler(Protocol):
    """A service's adapter between stage messages and its core.

    It unpacks the task, calls the core, and packs the result.
    """

    @property
    def task_type(self) -> type[Message]: ...

    def run(
        self, engine: EnginePool, task: Any, inputs: Mapping[str, Path], scratch: Path
    ) -> AsyncGenerator[Progress | StageResult]:
        """Yields progress, then one result whose files are in `scratch`.

        `task` is a message of `task_type`; `inputs` are local files by the names of the contract.
        """
        ...


class StageRunner:
    """Runs stages for both entrances of a service, the bus and gRPC.

    Every caller keeps its files in `scratch`: what a killed worker leaves there is removed.
    """

    def __init__(
        self,
        service: str,
        pools: Mapping[str, EnginePool],
        store: ObjectStore,
        handler: StageHandler,
        *,
        scratch: Path,
    ) -> None:
        self.service = service
        self._pools = pools
        self._store = store
        self._handler = handler
        self.scratch = scratch
        kept = scratch / "inputs"
        kept.mkdir()
        self._inputs = InputCache(store, kept)

    @property
    def task_type(self) -> type[Message]:
        return self._handler.task_type

    def pool(self, engine: str) -> EnginePool:
        """Returns the pool of an engine. Raises `EngineUnknown` if it is not hosted here."""
        try:
            return self._pools[engine]
        except KeyError:
            hosted = ", ".join(sorted(self._pools)) or "none"
            raise EngineUnknown(
                f"The {self.service} service has no engine {engine!r}. It has: {hosted}."
            ) from None

    async def run(
        self, workspace_id: str, engine: str, task: Message, inputs: Mapping[str, Artifact]
    ) -> AsyncGenerator[Progress | Storing | StageOutcome]:
        """Yields progress, then that the outputs are being stored, then the outcome.

        The stage's directory is removed afterwards, however the stage ends, except for what a download that
        cannot be stopped still writes: that is removed when the service ends.
        """
        pool = self.pool(engine)
        with temporary_folder("stage-", self.scratch) as scratch:
            files = await self._fetch_inputs(inputs, scratch)
            async with aclosing(self._handler.run(pool, task, files, scratch)) as items:
                async for item in items:
                    if isinstance(item, StageResult):
                        _check_products(item, scratch)
                        yield Storing()
                        yield await self._store_outputs(workspace_id, item)
                    else:
                        yield item

    async def _fetch_inputs(self, inputs: Mapping[str, Artifact], scratch: Path) -> dict[str, Path]:
        directory = scratch / "inputs"
        directory.mkdir()
        with tracer().start_as_current_span(metrics.SPAN_FETCH):
            paths = await gather_all(
                self._inputs.fetch(artifact, directory / str(number))
                for number, artifact in enumerate(inputs.values())
            )
        return dict(zip(inputs, paths, strict=True))

    async def _store_outputs(self, workspace_id: str, result: StageResult) -> StageOutcome:
        products = result.products
        with tracer().start_as_current_span(metrics.SPAN_STORE):
            artifacts = await gather_all(
                self._store.put_file(workspace_id, product.path, product.media_type)
                for product in products.values()
            )
        outputs = dict(zip(products, artifacts, strict=True))
        return StageOutcome(outputs, result.media_seconds, result.checks)


def _check_products(result: StageResult, scratch: Path) -> None:
    """Raises `LikenessError` unless all products are files of the stage: engines name them."""
    for product in result.products.values():
        if not (product.path.is_file() and product.path.resolve().is_relative_to(scratch.resolve())):
            raise LikenessError("The engine returned a file that is not in the folder of its stage.")


def required_input(inputs: Mapping[str, Path], name: str) -> Path:
    """Returns the file of an input. Raises `InvalidArgument` if the stage was requested without it."""
    try:
        return inputs[name]
    except KeyError:
        raise InvalidArgument(f"The stage lacks its input {name!r}.") from None
