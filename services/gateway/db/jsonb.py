"""Converts values to the JSON text that PostgreSQL's jsonb takes, and back."""

import json
from typing import Any

import orjson


def to_json(value: Any) -> str:
    """Returns the value as JSON text; times become ISO 8601. Raises TypeError for a value that JSON has no
    form for."""
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # great integers, lone surrogates: PostgreSQL may refuse them
        return json.dumps(value)


from_json = orjson.loads
