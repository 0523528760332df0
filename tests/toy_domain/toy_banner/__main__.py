"""`python -m toy_banner` serves banner stages until it is stopped."""

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.engine_host.registry import EngineRegistry
from services.chassis.settings import WorkerSettings
from services.chassis.worker.service import GrpcService, WorkerService, serve
from toy_banner.grpc_service import add_banner_servicer
from toy_banner.stage_handler import BannerHandler

ENGINES = (EngineEntry("svg", "toy_banner.engines.svg:SvgEngine"),)


def main() -> None:
    settings = WorkerSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(
        WorkerService(
            name="banner",
            settings=settings,
            engines=EngineRegistry("banner", ENGINES),
            stage_handler=BannerHandler(),
            grpc_service=GrpcService("toy.banner.v1.BannerService", add_banner_servicer),
        )
    )


if __name__ == "__main__":
    main()
