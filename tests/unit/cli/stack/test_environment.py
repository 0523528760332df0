from pathlib import Path

import pytest

from services.chassis.settings import WorkerSettings
from services.cli.stack.credentials import Credentials
from services.cli.stack.environment import (
    Backends,
    direct_hosts,
    grpc_target_variable,
    service_environment,
)
from services.cli.stack.sockets import ServiceSockets
from services.cli.stack.stack_services import worker_names
from services.gateway.settings import GatewaySettings

CREDENTIALS = Credentials()
BACKENDS = Backends(
    "postgresql://likeness@/likeness?host=/run", "nats://u:p@127.0.0.1:1", "http://127.0.0.1:2", "b", "a", "s"
)
SOCKETS = ServiceSockets(Path("/run/sockets"))
WORKERS = worker_names()
SERVICES = ("gateway", *WORKERS)
GRPC_TARGETS = {grpc_target_variable(worker).removeprefix("LIKENESS_").lower() for worker in WORKERS}


def environment(service: str, **inherited: str) -> dict[str, str]:
    return service_environment(service, BACKENDS, CREDENTIALS, 8000, SOCKETS, "/trace", inherited)


@pytest.mark.parametrize("service", SERVICES)
def test_each_variable_is_a_setting_of_the_service_and_each_required_setting_is_there(service: str) -> None:
    settings = GatewaySettings if service == "gateway" else WorkerSettings
    named = {
        name.removeprefix("LIKENESS_").lower()
        for name in environment(service)
        if name.startswith("LIKENESS_")
    }

    # The gateway is told where all workers are; it has a setting for those that it calls at once.
    assert named - GRPC_TARGETS <= set(settings.model_fields)
    required = {name for name, field in settings.model_fields.items() if field.is_required()}
    assert required <= named


def test_the_grpc_targets_of_the_gateway_are_the_sockets_of_the_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment("gateway").items():
        monkeypatch.setenv(name, value)
    settings = GatewaySettings.model_validate({})

    called = [name for name in GatewaySettings.model_fields if name.endswith("_grpc_target")]
    assert len(called) >= 3
    for name in called:
        worker = name.removesuffix("_grpc_target")
        assert getattr(settings, name) == f"unix:{environment(worker)['LIKENESS_GRPC_SOCKET']}"
    assert settings.bootstrap_api_key is not None
    assert settings.bootstrap_api_key.get_secret_value() == CREDENTIALS.api_key


def test_no_two_workers_share_a_socket_and_none_has_a_port() -> None:
    kinds = ("LIKENESS_HTTP_SOCKET", "LIKENESS_GRPC_SOCKET")
    found = [environment(worker) for worker in WORKERS]
    sockets = [each[name] for each in found for name in kinds]

    assert len(sockets) == len(set(sockets)) == 2 * len(WORKERS)
    assert not [name for each in found for name in each if name.endswith("_PORT")]


def test_gateway_and_workers_have_the_same_token() -> None:
    tokens = {environment(service)["LIKENESS_GRPC_TOKEN"] for service in SERVICES}

    assert tokens == {CREDENTIALS.grpc_token}


def test_variables_of_the_user_are_kept_but_do_not_override_addresses() -> None:
    found = environment(
        "tts",
        LIKENESS_LOG_LEVEL="debug",
        LIKENESS_BUS_URL="nats://elsewhere",
        LIKENESS_API_KEY="lk_elsewhere",
        OPENBLAS_NUM_THREADS="3",
    )

    assert found["LIKENESS_LOG_LEVEL"] == "debug"
    assert found["LIKENESS_BUS_URL"] == BACKENDS.bus_url
    assert "LIKENESS_API_KEY" not in found
    assert found["OPENBLAS_NUM_THREADS"] == "3"


@pytest.mark.parametrize(
    ("inherited", "expected"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "intra"}, "intra,127.0.0.1,localhost"),
        ({"no_proxy": "lower", "NO_PROXY": "upper"}, "lower,127.0.0.1,localhost"),
    ],
)
def test_this_machine_is_always_reached_without_a_proxy(inherited: dict[str, str], expected: str) -> None:
    assert direct_hosts(inherited) == expected
