"""The RabbitMQ component is configured as the bus adapter needs it."""

from typing import Any

import yaml
from yarl import URL

from services.chassis.bus.rabbitmq.topology import GROUP_SIZE
from tests.manifests.kustomize import find_object, rendered
from tests.manifests.repository import ROOT
from tests.servers import DEAD_LETTER_RETRY

FOLDER = ROOT / "deploy" / "k8s" / "components" / "rabbitmq"


def found(kind: str, name: str = "rabbitmq") -> dict[str, Any]:
    return find_object(FOLDER, kind, name)


def example(name: str) -> dict[str, str]:
    documents = yaml.safe_load_all((FOLDER / "secret.example.yaml").read_text())
    return next(d["stringData"] for d in documents if d["metadata"]["name"] == name)


def test_the_cluster_has_a_node_for_each_member_of_a_quorum_queue() -> None:
    assert found("StatefulSet")["spec"]["replicas"] == GROUP_SIZE
    assert f"target_cluster_size_hint = {GROUP_SIZE}" in found("ConfigMap")["data"]["rabbitmq.conf"]


def test_dead_letters_are_forwarded_again_after_a_crash_as_soon_as_in_the_tests() -> None:
    assert DEAD_LETTER_RETRY in found("ConfigMap")["data"]["advanced.config"]
    (container,) = found("StatefulSet")["spec"]["template"]["spec"]["containers"]
    mounted = {mount.get("subPath"): mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounted["advanced.config"] == "/etc/rabbitmq/advanced.config"


def test_all_objects_are_in_the_namespace_and_none_is_a_secret() -> None:
    assert {d["metadata"]["namespace"] for d in rendered(FOLDER)} == {"likeness"}
    assert not [d for d in rendered(FOLDER) if d["kind"] == "Secret"]


def test_the_secrets_are_those_of_the_example() -> None:
    (container,) = found("StatefulSet")["spec"]["template"]["spec"]["containers"]
    sources = [entry["valueFrom"] for entry in container["env"] if "valueFrom" in entry]
    references = [source["secretKeyRef"] for source in sources if "secretKeyRef" in source]
    assert {r["name"] for r in references} == {"likeness-rabbitmq"}
    assert {r["key"] for r in references} == set(example("likeness-rabbitmq"))


def test_the_url_of_the_example_names_the_service_and_its_ports() -> None:
    """The check at the start of a gateway or worker calls the management interface."""
    text = (FOLDER / "secret.example.yaml").read_text()
    url = URL(next(line.split("# ")[1] for line in text.splitlines() if "# amqp://" in line))
    ports = {port["name"]: port["port"] for port in found("Service")["spec"]["ports"]}
    management = URL(url.query["management"])
    assert (url.host, url.port) == ("rabbitmq", ports["amqp"])
    assert (management.host, management.port) == ("rabbitmq", ports["management"])
    assert "rabbitmq_management" in found("ConfigMap")["data"]["enabled_plugins"]


def test_services_select_the_pods_and_their_ports() -> None:
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
