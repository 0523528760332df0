"""`python -m services.gateway` runs the gateway."""

import sys

import uvloop

from services.chassis.memory import collect_rarely
from services.chassis.telemetry import setup_telemetry
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import serve


def main() -> None:
    settings = GatewaySettings.model_validate({})
    setup_telemetry("gateway", settings)
    collect_rarely()
    sys.exit(0 if uvloop.run(serve(settings)) else 1)


if __name__ == "__main__":
    main()
