"""The choice of the bus adapter."""

import pytest

from services.chassis.bus.connect import connect_bus
from services.chassis.errors import InvalidArgument
from services.chassis.settings import ServiceSettings


async def test_an_unknown_scheme_is_refused() -> None:
    settings = ServiceSettings.model_validate(
        {"bus_url": "carrier-pigeon://loft", "s3_endpoint": "", "s3_access_key": "", "s3_secret_key": ""}
    )
    with pytest.raises(InvalidArgument, match="carrier-pigeon"):
        await connect_bus(settings, name="test")
