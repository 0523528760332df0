"""The services that `likeness up` starts: the gateway, and the whole list, installed packages included."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.chassis.service_list import ENTRY_POINT_GROUP, worker_services
from services.cli.errors import StackError
from services.cli.stack.credentials import Credentials
from services.cli.stack.environment import Backends, service_environment
from services.cli.stack.readiness import services_without_worker
from services.cli.stack.sockets import ServiceSockets
from services.cli.stack.stack_services import (
    service_names,
    stack_port_names,
    stack_services,
    start_message,
    worker_names,
)

PACKAGE = """
from services.chassis.service_list import ServiceEntry

ENTRY = ServiceEntry({name!r}, "dubbing.service", "dubbing.tasks:DubbingTask", "speaks another language")
"""
Install = Callable[[str], None]


@pytest.fixture
def install_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a package that adds a worker service of that name to the list through its entry point."""

    def install(name: str) -> None:
        module = f"package_of_{name.replace('-', '_')}"
        (tmp_path / f"{module}.py").write_text(PACKAGE.format(name=name))
        metadata = tmp_path / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[{ENTRY_POINT_GROUP}]\n{name} = {module}:ENTRY\n")
        monkeypatch.syspath_prepend(str(tmp_path))  # pyright: ignore[reportUnknownMemberType] - untyped
        worker_services.cache_clear()

    yield install
    worker_services.cache_clear()


def environment(service: str) -> dict[str, str]:
    sockets = ServiceSockets(Path("/run/sockets"))
    return service_environment(service, Backends(*[""] * 6), Credentials(), 8000, sockets, "", {})


def test_the_stack_starts_the_gateway_and_all_shipped_services() -> None:
    modules = {service.name: service.module for service in stack_services()}

    assert modules == {name: f"services.{name}" for name in ("gateway", "tts", "voice", "video", "mux")}


def test_all_parts_are_named_when_they_start() -> None:
    assert start_message() == (
        "starting PostgreSQL, NATS and S3, the gateway and the tts, voice, video and mux services"
    )


def test_no_two_ports_of_the_stack_have_the_same_name() -> None:
    assert len(set(stack_port_names())) == len(stack_port_names())


def test_a_service_of_an_installed_package_is_started_too(install_service: Install) -> None:
    install_service("dubbing")

    added = stack_services()[-1]

    assert (added.name, added.module) == ("dubbing", "dubbing.service")
    assert service_names()[-1] == "dubbing"
    assert start_message().endswith("mux and dubbing services")
    assert worker_names()[-1] == "dubbing"
    assert "dubbing" in services_without_worker([])


def test_a_service_of_an_installed_package_listens_where_the_gateway_looks(install_service: Install) -> None:
    install_service("lip-dubbing")

    given = environment("lip-dubbing")

    assert environment("gateway")["LIKENESS_LIP_DUBBING_GRPC_TARGET"] == (
        f"unix:{given['LIKENESS_GRPC_SOCKET']}"
    )


@pytest.mark.parametrize("name", ["gateway", "nats", "postgres", "s3", "likeness"])
def test_a_service_cannot_have_the_name_of_another_part(install_service: Install, name: str) -> None:
    install_service(name)

    with pytest.raises(StackError, match=f"dubbing.service is called '{name}', as a part of the local"):
        stack_services()
