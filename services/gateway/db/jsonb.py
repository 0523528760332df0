"""Values as the JSON text that PostgreSQL's jsonb takes, and back."""

import json
from typing import Any

import orjson


def to_json(value: Any) -> str:
    """Times become ISO 8601. Raises TypeError for what JSON has no form for."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # great integers, lone surrogates: PostgreSQL may refuse them
        return json.dumps(value)


from_json = orjson.loads
