from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.videos.action_key import action_key
from tests.unit.gateway.jobs import build_artifact, build_stage

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def key(parameters: dict[str, Any], **changes: Any) -> str:
    return action_key(build_stage(parameters=parameters, **changes), {"speech": build_artifact("a")})


@given(st.dictionaries(st.text(), JSON, min_size=2, max_size=6))
def test_the_order_of_parameters_plays_no_part(parameters: dict[str, Any]):
    assert key(parameters) == key(dict(reversed(parameters.items())))


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (0.0, -0.0), ([1.0], (1,)), ({"a": 2.0}, {"a": 2})])
def test_equal_values_have_one_form(one: object, other: object):
    assert key({"x": one}) == key({"x": other})


@pytest.mark.parametrize(
    "changes", [{"engine": "other"}, {"engine_version": "2"}, {"service": "voice"}, {"parameters": {"x": 2}}]
)
def test_whatever_changes_the_result_changes_the_key(changes: dict[str, Any]):
    fields: dict[str, Any] = {"parameters": {"x": 1}} | changes
    stage = build_stage(**fields)
    assert action_key(stage, {}) != action_key(build_stage(parameters={"x": 1}), {})


def test_an_input_counts_by_content_and_by_name():
    stage = build_stage()
    keys = {
        action_key(stage, {"speech": build_artifact("a")}),
        action_key(stage, {"speech": build_artifact("b")}),
        action_key(stage, {"reference": build_artifact("a")}),
    }
    assert len(keys) == 3


@pytest.mark.parametrize("field", ["video_id", "name", "id", "attempt"])
def test_who_asks_does_not_count(field: str):
    other: dict[str, Any] = {field: 7 if field == "attempt" else "other"}
    changed = build_stage(**other)
    assert action_key(changed, {}) == action_key(build_stage(), {})
