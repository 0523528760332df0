"""The manifests agree with the list of services, with the images and with the settings of the services."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.worker.service import WorkerService
from services.gateway.settings import DatabaseSettings
from tests.manifests.kustomize import find_object, rendered
from tests.manifests.repository import ROOT, SERVICES, WORKERS, dockerfile_target, lock_text, settings_of

BASE = ROOT / "deploy" / "k8s" / "base"
WORKER_BYTES = 384 << 20
"""Room for a worker itself, beside its engines; idle, it holds about 120 MiB."""


def found(kind: str, name: str) -> dict[str, Any]:
    return find_object(BASE, kind, name)


def pod(service: str) -> dict[str, Any]:
    return found("Deployment", service)["spec"]["template"]["spec"]


def containers(service: str) -> list[dict[str, Any]]:
    return pod(service)["containers"] + pod(service).get("initContainers", [])


def environment(container: dict[str, Any]) -> dict[str, str]:
    """Returns the variables of a container; those from Secrets have the Secret's name as their value."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        values |= found("ConfigMap", source["configMapRef"]["name"])["data"]
    for entry in container.get("env", []):
        values[entry["name"]] = entry.get("value") or entry["valueFrom"]["secretKeyRef"]["name"]
    return values


def variables_of(settings: type[BaseSettings], *, required_only: bool = False) -> set[str]:
    fields = settings.model_fields.items()
    return {f"LIKENESS_{name.upper()}" for name, field in fields if field.is_required() or not required_only}


def fields_of(variables: Mapping[str, str]) -> dict[str, str]:
    return {name.removeprefix("LIKENESS_").lower(): value for name, value in variables.items()}


def memory_bytes(quantity: str) -> int:
    return int(quantity[:-2]) * {"Mi": 1 << 20, "Gi": 1 << 30}[quantity[-2:]]


def test_each_service_has_a_deployment_in_the_namespace() -> None:
    assert {d["metadata"].get("namespace", "likeness") for d in rendered(BASE)} == {"likeness"}
    assert {d["metadata"]["name"] for d in rendered(BASE) if d["kind"] == "Deployment"} == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_the_base_lists_all_resources_of_a_service(service: str) -> None:
    own = yaml.safe_load((BASE / service / "kustomization.yaml").read_text())["resources"]
    whole = yaml.safe_load((BASE / "kustomization.yaml").read_text())["resources"]
    assert {f"{service}/{name}" for name in own} == {name for name in whole if name.startswith(f"{service}/")}


def test_no_secret_is_rendered() -> None:
    assert not [d for d in rendered(BASE) if d["kind"] == "Secret"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_secret_that_is_referred_to_is_in_the_example(service: str) -> None:
    documents = yaml.safe_load_all((BASE / "secret.example.yaml").read_text())
    example = {(d["metadata"]["name"], key) for d in documents for key in d["stringData"]}
    sources = [entry["valueFrom"] for c in containers(service) for entry in c["env"] if "valueFrom" in entry]
    references = [source["secretKeyRef"] for source in sources]
    assert references and {(r["name"], r["key"]) for r in references} <= example


@pytest.mark.parametrize("service", SERVICES)
def test_probes_request_the_health_paths_on_the_http_port(service: str) -> None:
    (container,) = pod(service)["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert str(ports["http"]) == environment(container)["LIKENESS_HTTP_PORT"]
    for probe, path in {
        "livenessProbe": "/healthz",
        "startupProbe": "/healthz",
        "readinessProbe": "/readyz",
    }.items():
        assert container[probe]["httpGet"] == {"path": path, "port": "http"}


def test_the_metrics_of_the_gateway_are_on_a_port_that_no_service_leads_to() -> None:
    (container,) = pod("gateway")["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert str(ports["metrics"]) == environment(container)["LIKENESS_METRICS_PORT"]
    targets = [port["targetPort"] for port in found("Service", "gateway")["spec"]["ports"]]
    assert targets == ["http"]


@pytest.mark.parametrize("service", SERVICES)
def test_resources_are_bounded(service: str) -> None:
    for container in containers(service):
        for bound in ("requests", "limits"):
            assert set(container["resources"][bound]) >= {"cpu", "memory"}
    assert all("sizeLimit" in volume["emptyDir"] for volume in pod(service)["volumes"])


@pytest.mark.parametrize("service", WORKERS)
def test_all_engines_of_a_worker_at_their_bounds_leave_room_for_it_in_its_pod(service: str) -> None:
    (container,) = pod(service)["containers"]
    settings = settings_of(service).model_validate(fields_of(environment(container)))
    worker: WorkerService = import_module(f"services.{service}.wiring").build_service(settings)
    own_engines: Sequence[EngineEntry] = import_module(f"services.{service}.engines.registry").ENGINES
    in_image = [entry for entry in own_engines if not entry.extra]
    hosts = len(in_image) * (worker.settings.concurrency + worker.spare_hosts)
    engines = hosts * worker.settings.engine_memory_mb << 20
    assert 0 < engines <= memory_bytes(container["resources"]["limits"]["memory"]) - WORKER_BYTES


@pytest.mark.parametrize("service", SERVICES)
def test_no_container_runs_as_root_or_writes_outside_its_scratch_folder(service: str) -> None:
    security = pod(service)["securityContext"]
    assert security["runAsNonRoot"] and security["runAsUser"] == image_user()
    for container in containers(service):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/scratch"]


@pytest.mark.parametrize("service", WORKERS)
def test_a_worker_has_a_grace_period_longer_than_its_drain(service: str) -> None:
    (container,) = pod(service)["containers"]
    values = environment(container)
    assert pod(service)["terminationGracePeriodSeconds"] > float(values["LIKENESS_DRAIN_SECONDS"])
    assert values["LIKENESS_SCRATCH_DIR"] == "/scratch"


@pytest.mark.parametrize("service", SERVICES)
def test_variables_are_settings_of_the_service_and_include_the_required_ones(service: str) -> None:
    for container in containers(service):
        # Migrations are run by the role that owns the tables, and need nothing but the database.
        settings = DatabaseSettings if container["name"] == "migrate" else settings_of(service)
        given = environment(container)
        assert set(given) <= variables_of(settings)
        assert set(given) >= variables_of(settings, required_only=True)
        settings.model_validate(fields_of(given))


def test_the_gateway_does_not_have_the_role_that_owns_the_tables() -> None:
    keys = {
        container["name"]: [
            variable["valueFrom"]["secretKeyRef"]["key"]
            for variable in container["env"]
            if variable["name"] == "LIKENESS_DATABASE_URL"
        ]
        for container in containers("gateway")
    }
    assert keys == {"migrate": ["owner-url"], "gateway": ["url"]}


@pytest.mark.parametrize("service", SERVICES)
def test_gateway_and_workers_share_a_grpc_token(service: str) -> None:
    (container,) = pod(service)["containers"]
    sources = [each["valueFrom"] for each in container["env"] if each["name"] == "LIKENESS_GRPC_TOKEN"]
    assert sources == [{"secretKeyRef": {"name": "likeness-grpc", "key": "token"}}]


@pytest.mark.parametrize("service", WORKERS)
def test_no_worker_is_given_the_database_url(service: str) -> None:
    assert all("LIKENESS_DATABASE_URL" not in environment(container) for container in containers(service))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_selects_its_pods_and_their_ports(service: str) -> None:
    spec = found("Service", service)["spec"]
    template = found("Deployment", service)["spec"]["template"]
    assert spec["selector"].items() <= template["metadata"]["labels"].items()
    (container,) = pod(service)["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"] if port["name"] != "metrics"}
    assert {port["targetPort"]: port["port"] for port in spec["ports"]} == ports


def test_grpc_targets_are_services_with_a_grpc_port() -> None:
    values = environment(pod("gateway")["containers"][0])
    targets = {name: value.split(":") for name, value in values.items() if name.endswith("_GRPC_TARGET")}
    assert targets
    for service, port in targets.values():
        assert int(port) in [
            p["port"] for p in found("Service", service)["spec"]["ports"] if p["name"] == "grpc"
        ]


def image_user() -> int:
    (user,) = re.findall(r"^USER (\d+):\d+$", dockerfile_target("service"), re.MULTILINE)
    return int(user)


@pytest.mark.parametrize("service", SERVICES)
def test_the_image_of_a_container_is_a_target_of_the_dockerfile(service: str) -> None:
    for container in containers(service):
        target = container["image"].removeprefix("likeness-").split(":")[0]
        assert f'ENTRYPOINT ["python", "-m", "services.{target}"]' in dockerfile_target(target)
        assert target == service


@pytest.mark.parametrize("service", SERVICES)
def test_an_image_holds_its_own_service_and_its_own_packages(service: str) -> None:
    assert f"COPY services/{service} services/{service}\n" in dockerfile_target(service)
    assert f"COPY --from={service}-packages /opt/venv /opt/venv\n" in dockerfile_target(service)
    packages = dockerfile_target(f"{service}-packages")
    assert re.findall(r"requirements/(\w+)\.lock", packages) == [service, service]
    assert lock_text(service)


def test_every_image_holds_the_list_of_services() -> None:
    assert "services/services.toml" in dockerfile_target("service")
