"""Computes the action key of a stage: stages with equal keys have equal results."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

from services.chassis.storage import Artifact
from services.chassis.text.composed import composed
from services.gateway.jobs.domain.models import Stage

encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode


def action_key(stage: Stage, inputs: Mapping[str, Artifact]) -> str:
    """Returns the SHA-256, in hex, over service, engine, engine version, parameters and input digests."""
    document = {
        "service": stage.service,
        "engine": stage.engine,
        "engine_version": stage.engine_version,
        "parameters": canonical(stage.parameters),
        "inputs": {name: artifact.sha256 for name, artifact in inputs.items()},
    }
    return hashlib.sha256(encode(document).encode()).hexdigest()


def canonical(value: Any) -> Any:
    """Returns one form for equal values.

    1 and 1.0 are the same parameter, so are 0.0 and -0.0, and so is a letter whether its accent is part of it
    or follows it (NFC).
    """
    match value:
        case str():
            return composed(value)
        case float() if value.is_integer():
            return int(Decimal(repr(value)))  # the digits that PostgreSQL's jsonb keeps of it
        case list() | tuple():
            return [canonical(item) for item in cast(Sequence[Any], value)]
        case Mapping():
            items = cast(Mapping[str, Any], value).items()
            return {composed(key): canonical(item) for key, item in items}
        case _:
            return value
