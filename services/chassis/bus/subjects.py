"""The subjects of the bus, described in docs/asyncapi.yaml."""

CANCEL = "likeness.cancel.v1"
ENGINES = "likeness.engines.v1"
STAGES = "likeness.stages.v1"
STATUS = "likeness.status.v1"


def stage_subject(service: str, engine: str) -> str:
    return f"{STAGES}.{service}.{engine}"


def status_subject(service: str) -> str:
    return f"{STATUS}.{service}"
