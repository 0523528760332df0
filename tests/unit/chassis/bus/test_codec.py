"""Messages as CloudEvents, and back."""

from dataclasses import replace
from datetime import datetime

import pytest
from google.protobuf.message import Message
from opentelemetry.sdk.trace import TracerProvider

from likeness.jobs.v1 import engines_pb2, stages_pb2
from services.chassis.bus.codec import KINDS, pack, unpack
from services.chassis.errors import InvalidArgument
from services.chassis.observability.telemetry import current_traceparent

STARTED = stages_pb2.StageStarted(stage=stages_pb2.StageRef(job_id="v", stage_id="s"), worker_id="w")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.DESCRIPTOR.name)
def test_every_message_of_the_bus_survives_a_round_trip(kind: type[Message]) -> None:
    envelope = pack("likeness.status.v1.tts", kind(), source="test")
    assert type(unpack(envelope)) is kind


def test_every_message_that_the_contract_puts_on_the_bus_is_known() -> None:
    names = {"StageRequested", "StageStarted", "StageProgressed", "StageCompleted", "StageFailed"}
    names |= {"StageReleased", "StageStatuses", "StageCancelled", "JobCancelled"}
    assert {kind.DESCRIPTOR.name for kind in KINDS} == names | {"EngineAnnounced"}
    assert set(stages_pb2.DESCRIPTOR.message_types_by_name) == names | {"StageRef", "StageStatus"}
    assert "EngineAnnounced" in engines_pb2.DESCRIPTOR.message_types_by_name


def test_headers_follow_cloudevents() -> None:
    envelope = pack("likeness.status.v1.tts", STARTED, source="tts-1", id="42")
    headers = dict(envelope.headers)
    assert datetime.fromisoformat(headers.pop("ce-time")).tzinfo is not None
    assert headers == {
        "ce-specversion": "1.0",
        "ce-id": "42",
        "ce-type": "likeness.jobs.v1.StageStarted",
        "ce-source": "tts-1",
        "content-type": "application/protobuf",
    }
    assert envelope.id == "42"
    assert unpack(envelope) == STARTED


def test_ids_differ_unless_they_are_given() -> None:
    ids = {pack("s", STARTED, source="x").id for _ in range(10)}
    assert len(ids) == 10


def test_the_trace_of_the_current_span_is_carried() -> None:
    with TracerProvider().get_tracer("test").start_as_current_span("work"):
        envelope = pack("s", STARTED, source="x")
        assert envelope.headers["traceparent"] == current_traceparent()
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert pack("s", STARTED, source="x", traceparent=given).headers["traceparent"] == given


@pytest.mark.parametrize("kind", ["", "likeness.jobs.v1.Artifact", "nonsense"])
def test_an_unknown_type_is_refused(kind: str) -> None:
    envelope = pack("s", STARTED, source="x")
    with pytest.raises(InvalidArgument):
        unpack(replace(envelope, headers={**envelope.headers, "ce-type": kind}))


def test_bytes_that_are_no_message_are_refused() -> None:
    with pytest.raises(InvalidArgument):
        unpack(replace(pack("s", STARTED, source="x"), data=b"\xff\xff\xff"))
