"""Runs the gateway: `python -m services.gateway`."""

from services.chassis.worker.imports import service_imports


def main() -> None:
    with service_imports():
        from services.chassis.observability.telemetry import setup_telemetry
        from services.chassis.worker.main import end_process, run_process
        from services.gateway.settings import GatewaySettings
        from services.gateway.wiring import serve
    settings = GatewaySettings.model_validate({})
    setup_telemetry("gateway", settings)
    end_process(0 if run_process(serve(settings)) else 1)


if __name__ == "__main__":
    main()
