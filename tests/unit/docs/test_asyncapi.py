"""Tests that docs/reference/asyncapi.yaml lists the subjects, messages and headers of the code."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from likeness.jobs.v1.engines_pb2 import EngineAnnounced
from likeness.jobs.v1.stages_pb2 import JobCancelled
from services.chassis.bus import codec, subjects
from services.chassis.bus.codec import KINDS
from services.chassis.service_list import worker_services

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/reference/asyncapi.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(PAGE.read_text())
SERVICES = list(worker_services())
ADDRESSES = {name: channel["address"] for name, channel in DOCUMENT["channels"].items()}


def test_the_document_has_the_subjects_of_the_code_and_no_others():
    assert set(ADDRESSES.values()) == {
        subjects.stage_subject("{service}", "{engine}"),
        subjects.status_subject("{service}"),
        subjects.CANCEL,
        subjects.ENGINES,
    }


def test_the_document_has_the_messages_of_the_code_and_no_others():
    described = {message["name"] for message in DOCUMENT["components"]["messages"].values()}
    assert described == {kind.DESCRIPTOR.full_name for kind in KINDS}


def test_every_message_is_on_a_channel_under_its_own_name():
    on_channels = [name for channel in DOCUMENT["channels"].values() for name in channel["messages"]]
    assert sorted(on_channels) == sorted(DOCUMENT["components"]["messages"])
    for name, message in DOCUMENT["components"]["messages"].items():
        assert message["name"].rpartition(".")[2] == name


@pytest.mark.parametrize("message", [JobCancelled(job_id="v"), EngineAnnounced(worker_id="w")])
def test_the_headers_are_those_that_are_sent(message: Any):
    envelope = codec.pack(
        "subject", message, source="test", traceparent="00-" + "1" * 32 + "-" + "1" * 16 + "-01"
    )
    headers = DOCUMENT["components"]["messages"][message.DESCRIPTOR.name]["headers"]
    assert set(envelope.headers) == set(headers["properties"])
    assert set(headers["required"]) == set(headers["properties"]) - {"traceparent"}


def test_the_services_are_those_of_services_toml():
    for channel in ("stages", "status"):
        assert DOCUMENT["channels"][channel]["parameters"]["service"]["enum"] == SERVICES


def test_the_payloads_name_files_that_define_the_message():
    for name, message in DOCUMENT["components"]["messages"].items():
        proto = (PAGE.parent / message["payload"]["schema"]["$ref"]).read_text()
        assert f"message {name} {{" in proto
