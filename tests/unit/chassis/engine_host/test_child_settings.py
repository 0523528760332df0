"""Environment variables that engines get of their worker's."""

from pathlib import Path

import pytest

from services.chassis.engine_host.child_settings import ChildSettings

SETTINGS = ChildSettings(Path("scratch"))
ONLINE = ChildSettings(Path("scratch"), network=True)


@pytest.mark.parametrize(
    ("name", "offline", "online"),
    [
        ("PATH", True, True),
        ("HF_HOME", True, True),
        ("TOKENIZERS_PARALLELISM", True, True),
        ("TOKENIZERS_TOKEN", False, False),
        ("HF_TOKEN", False, False),
        ("hf_token", False, False),
        ("AWS_SECRET_ACCESS_KEY", False, False),
        ("LIKENESS_NATS_URL", False, False),
        ("HTTPS_PROXY", False, True),
        ("https_proxy", False, True),
        ("NO_PROXY", False, True),
        ("REQUESTS_CA_BUNDLE", False, True),
        ("SSL_CERT_FILE", True, True),
    ],
)
def test_engines_get_what_they_need_and_no_keys(name: str, offline: bool, online: bool) -> None:
    worker = {name: "value"}
    assert (name in SETTINGS.environment(worker), name in ONLINE.environment(worker)) == (offline, online)


def test_an_operator_can_name_any_variable() -> None:
    settings = ChildSettings(Path("scratch"), variables=frozenset({"HF_TOKEN"}))
    assert settings.environment({"HF_TOKEN": "value"})["HF_TOKEN"] == "value"


def test_an_engine_finds_the_models_of_its_worker_though_it_has_another_home() -> None:
    default = SETTINGS.environment({"XDG_CACHE_HOME": "/caches"})
    named = SETTINGS.environment({"LIKENESS_MODEL_CACHE": "/models"})
    assert (default["LIKENESS_MODEL_CACHE"], named["LIKENESS_MODEL_CACHE"]) == (
        "/caches/likeness/models",
        "/models",
    )
