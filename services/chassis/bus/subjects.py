"""The subjects of the bus, described in docs/reference/asyncapi.yaml."""

CANCEL = "likeness.cancel.v1"
ENGINES = "likeness.engines.v1"
HEALTH = "likeness.health.v1"
STAGES = "likeness.stages.v1"
STATUS = "likeness.status.v1"
STREAMS = {STAGES: "likeness-stages", STATUS: "likeness-status"}
"""The streams on NATS that hold the messages of all subjects below these."""
REPLACE_EARLIER = {"Nats-Rollup": "sub"}
"""Header of NATS that removes earlier messages on the same subject: a check leaves one, however often it
runs."""


def stage_subject(service: str, engine: str) -> str:
    """Returns the subject of an engine's work queue."""
    return f"{STAGES}.{service}.{engine}"


def health_subject(stream: str) -> str:
    """Returns the subject on which checks store a message in a stream, beside those of its queues."""
    return f"{HEALTH}.{stream}"


def status_subject(service: str) -> str:
    """Returns the subject on which a service reports the status of its stages."""
    return f"{STATUS}.{service}"
