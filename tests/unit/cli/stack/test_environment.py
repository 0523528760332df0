import pytest

from services.chassis.settings import WorkerSettings
from services.cli.stack.credentials import Credentials
from services.cli.stack.environment import (
    Backends,
    direct_hosts,
    grpc_target_variable,
    service_environment,
)
from services.cli.stack.stack_services import stack_port_names, worker_names
from services.gateway.settings import GatewaySettings

CREDENTIALS = Credentials()
BACKENDS = Backends(
    "postgresql://likeness@/likeness?host=/run", "nats://u:p@127.0.0.1:1", "http://127.0.0.1:2", "b"
)
PORTS = {name: 1000 + number for number, name in enumerate(stack_port_names())}
WORKERS = worker_names()
SERVICES = ("gateway", *WORKERS)
GRPC_TARGETS = {grpc_target_variable(worker).removeprefix("LIKENESS_").lower() for worker in WORKERS}


def environment(service: str, **inherited: str) -> dict[str, str]:
    return service_environment(service, BACKENDS, CREDENTIALS, PORTS, "/trace", inherited)


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


def test_the_grpc_targets_of_the_gateway_are_the_ports_of_the_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment("gateway").items():
        monkeypatch.setenv(name, value)
    settings = GatewaySettings.model_validate({})

    called = [name for name in GatewaySettings.model_fields if name.endswith("_grpc_target")]
    assert len(called) >= 3
    for name in called:
        worker = name.removesuffix("_grpc_target")
        assert getattr(settings, name) == f"127.0.0.1:{environment(worker)['LIKENESS_GRPC_PORT']}"
    assert settings.bootstrap_api_key is not None
    assert settings.bootstrap_api_key.get_secret_value() == CREDENTIALS.api_key


def test_no_two_services_share_a_port() -> None:
    kinds = ("LIKENESS_HTTP_PORT", "LIKENESS_GRPC_PORT")
    ports = [value for service in SERVICES for name, value in environment(service).items() if name in kinds]

    assert len(ports) == len(set(ports)) == 1 + 2 * len(WORKERS)


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
