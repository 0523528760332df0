"""The RabbitMQ that runs beside the base is as the bus asks for it."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from yarl import URL

from services.chassis.bus.rabbitmq.topology import GROUP_SIZE
from tests.servers import DEAD_LETTERS_AGAIN

FOLDER = Path(__file__).parents[2] / "deploy" / "k8s" / "components" / "rabbitmq"


@cache
def rendered() -> list[dict[str, Any]]:
    """Without kubectl these tests are skipped, but never in CI."""
    if shutil.which("kubectl") is None and os.environ.get("CI") != "true":
        pytest.skip("kubectl is missing. As root, run: apt-get install kubernetes-client")
    command = ["kubectl", "kustomize", str(FOLDER)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return list(yaml.safe_load_all(output))


def found(kind: str, name: str = "rabbitmq") -> dict[str, Any]:
    return next(d for d in rendered() if d["kind"] == kind and d["metadata"]["name"] == name)


def example(name: str) -> dict[str, str]:
    documents = yaml.safe_load_all((FOLDER / "secret.example.yaml").read_text())
    return next(d["stringData"] for d in documents if d["metadata"]["name"] == name)


def test_every_queue_finds_its_nodes() -> None:
    assert found("StatefulSet")["spec"]["replicas"] == GROUP_SIZE
    assert f"target_cluster_size_hint = {GROUP_SIZE}" in found("ConfigMap")["data"]["rabbitmq.conf"]


def test_what_a_crash_held_up_is_passed_on_again_as_soon_as_in_the_tests() -> None:
    assert DEAD_LETTERS_AGAIN in found("ConfigMap")["data"]["advanced.config"]
    (container,) = found("StatefulSet")["spec"]["template"]["spec"]["containers"]
    mounted = {mount.get("subPath"): mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted["advanced.config"] == "/etc/rabbitmq/advanced.config"


def test_everything_is_in_the_namespace_and_nothing_is_secret() -> None:
    assert {d["metadata"]["namespace"] for d in rendered()} == {"likeness"}
    assert not [d for d in rendered() if d["kind"] == "Secret"]


def test_its_secrets_are_those_of_the_example() -> None:
    (container,) = found("StatefulSet")["spec"]["template"]["spec"]["containers"]
    sources = [entry["valueFrom"] for entry in container["env"] if "valueFrom" in entry]
    references = [source["secretKeyRef"] for source in sources if "secretKeyRef" in source]
    assert {r["name"] for r in references} == {"likeness-rabbitmq"}
    assert {r["key"] for r in references} == set(example("likeness-rabbitmq"))


def test_the_url_of_the_example_leads_to_its_service() -> None:
    """The boot check asks the management interface."""
    text = (FOLDER / "secret.example.yaml").read_text()
    url = URL(next(line.split("# ")[1] for line in text.splitlines() if "# amqp://" in line))
    ports = {port["name"]: port["port"] for port in found("Service")["spec"]["ports"]}
    management = URL(url.query["management"])
    assert (url.host, url.port) == ("rabbitmq", ports["amqp"])
    assert (management.host, management.port) == ("rabbitmq", ports["management"])
    assert "rabbitmq_management" in found("ConfigMap")["data"]["enabled_plugins"]


def test_services_lead_to_the_pods() -> None:
    template = found("StatefulSet")["spec"]["template"]
    (container,) = template["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for name in ("rabbitmq", "rabbitmq-nodes"):
        spec = found("Service", name)["spec"]
        assert spec["selector"].items() <= template["metadata"]["labels"].items()
        assert {p["targetPort"]: p["port"] for p in spec["ports"]}.items() <= ports.items()


def test_resources_are_bounded() -> None:
    (container,) = found("StatefulSet")["spec"]["template"]["spec"]["containers"]
    for bound in ("requests", "limits"):
        assert set(container["resources"][bound]) >= {"cpu", "memory"}
