"""Runs the gateway: `python -m services.gateway`."""

from services.chassis.observability.gc_tuning import collections_paused


def main() -> None:
    with collections_paused():
        from services.chassis.observability.telemetry import setup_telemetry
        from services.chassis.worker.main import end_process, run_process
        from services.gateway.settings import GatewaySettings
        from services.gateway.wiring import serve
    settings = GatewaySettings.model_validate({})
    setup_telemetry("gateway", settings)
    end_process(0 if run_process(serve(settings)) else 1)


if __name__ == "__main__":
    main()
