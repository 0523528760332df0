"""Runs the gateway: `python -m services.gateway`."""

import sys

from services.chassis.observability.telemetry import setup_telemetry
from services.chassis.worker.main import run_process
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import serve


def main() -> None:
    settings = GatewaySettings.model_validate({})
    setup_telemetry("gateway", settings)
    sys.exit(0 if run_process(serve(settings)) else 1)


if __name__ == "__main__":
    main()
