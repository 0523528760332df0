"""Says which parts of the gateway its public port shows."""

from dataclasses import dataclass

from fastapi import FastAPI, Request

from services.gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Exposure:
    """Parts that are shown without a key, beside `/healthz`."""

    docs: bool = True
    """`/docs` and `/openapi.json`."""
    metrics: bool = True
    """`/metrics`."""
    reasons: bool = True
    """Reasons for which something that `/readyz` checks does not respond."""


EVERYTHING = Exposure()


def exposure_by(settings: GatewaySettings) -> Exposure:
    """Returns what the settings allow: in production as little as clients need, unless they say more."""
    development = settings.environment == "dev"
    return Exposure(
        docs=development if settings.docs is None else settings.docs,
        metrics=development and not settings.metrics_port,
        reasons=development,
    )


def set_exposure(app: FastAPI, exposure: Exposure) -> None:
    app.state.exposure = exposure


def exposure_of(request: Request) -> Exposure:
    """Returns the exposure of the application; everything, if it was not set."""
    return getattr(request.app.state, "exposure", EVERYTHING)
