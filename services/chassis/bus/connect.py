"""Connects to the bus with the adapter that the URL's scheme names."""

from urllib.parse import urlsplit

from services.chassis.bus.protocol import Bus
from services.chassis.errors import InvalidArgument
from services.chassis.settings import ServiceSettings


async def connect_bus(settings: ServiceSettings, *, name: str) -> Bus:
    """Returns a connected bus; the broker's own tools list this client as `name`.

    Raises `BusUnavailable` if the broker cannot be reached within two minutes or, in production, stores
    messages less safely than required, and `InvalidArgument` for a URL of an unknown scheme.
    """
    url = settings.bus_url.get_secret_value()
    scheme = urlsplit(url).scheme
    if scheme in ("nats", "tls"):
        from services.chassis.bus.nats.bus import NatsBus

        return await NatsBus.connect(
            url,
            name=name,
            lease_seconds=settings.lease_seconds,
            production=settings.environment == "production",
        )
    if scheme in ("amqp", "amqps"):
        from services.chassis.bus.rabbitmq.bus import RabbitmqBus

        return await RabbitmqBus.connect(
            url,
            name=name,
            lease_seconds=settings.lease_seconds,
            production=settings.environment == "production",
        )
    raise InvalidArgument(
        f"LIKENESS_BUS_URL has the scheme {scheme!r}; known are nats:// and tls:// (NATS), "
        "amqp:// and amqps:// (RabbitMQ)."
    )
