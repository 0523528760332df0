"""Settings of the gateway that are checked when it starts."""

import pytest
from pydantic import ValidationError

from services.gateway.settings import GatewaySettings


def settings(origins: str) -> GatewaySettings:
    required = (
        *("bus_url", "s3_endpoint", "s3_access_key", "s3_secret_key", "database_url"),
        *("tts_grpc_target", "voice_grpc_target", "video_grpc_target"),
    )
    return GatewaySettings.model_validate({**dict.fromkeys(required, "x"), "cors_origins": origins})


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", []),
        ("*", ["*"]),
        ("https://a.example.com", ["https://a.example.com"]),
        (
            " http://localhost:3000 , https://b.example.com,",
            ["http://localhost:3000", "https://b.example.com"],
        ),
    ],
)
def test_origins_are_separated_by_commas(text: str, origins: list[str]):
    assert settings(text).allowed_origins == origins


@pytest.mark.parametrize(
    "text",
    ["a.example.com", "https://a.example.com/", "https://*.example.com", "null", "ftp://a", "https://"],
)
def test_what_no_browser_sends_as_an_origin_is_refused(text: str):
    with pytest.raises(ValidationError, match=r"is no origin\. Give scheme and host"):
        settings(text)
