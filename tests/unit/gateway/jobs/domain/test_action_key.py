"""Action keys: equal for equal work, different for different work."""

import json
import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.gateway.jobs.domain.action_key import action_key
from tests.unit.gateway.jobs.job_examples import build_artifact, build_stage

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
def test_the_order_of_parameters_does_not_matter(parameters: dict[str, Any]):
    assert key(parameters) == key(dict(reversed(parameters.items())))


@given(
    st.dictionaries(
        st.text(), st.dictionaries(st.text(), JSON, min_size=2, max_size=3), min_size=1, max_size=3
    )
)
def test_the_order_of_nested_parameters_does_not_matter(parameters: dict[str, dict[str, Any]]):
    turned = {name: dict(reversed(inner.items())) for name, inner in parameters.items()}
    assert key(parameters) == key(turned)


@given(st.dictionaries(st.text(), JSON))
def test_parameters_that_have_been_stored_and_read_have_the_same_key(parameters: dict[str, Any]):
    assert key(parameters) == key(json.loads(json.dumps(parameters)))


@given(st.integers(-(2**53), 2**53))
def test_an_integer_equals_the_float_of_the_same_value(number: int):
    assert key({"x": number}) == key({"x": float(number)})


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_equals_its_plain_digits_as_postgresql_writes_them(number: float):
    digits = format(Decimal(repr(number)), "f")
    assert key({"x": number}) == key({"x": json.loads(digits)})


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_different_floats_have_different_keys(one: float, other: float):
    assume(one != other)
    assert key({"x": one}) != key({"x": other})


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_infinity_and_nan_are_refused(number: float):
    with pytest.raises(ValueError, match="JSON compliant"):
        key({"x": number})


@given(st.text())
def test_both_unicode_forms_of_an_accent_have_the_same_key(text: str):
    forms = {key({"text": unicodedata.normalize(form, text)}) for form in ("NFC", "NFD")}
    assert forms == {key({"text": text})}


@given(st.text(), st.text())
def test_different_texts_have_different_keys(one: str, other: str):
    assume(unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other))
    assert key({"text": one}) != key({"text": other})


def test_a_ligature_and_its_letters_have_different_keys():
    """Compatibility forms (NFKC) may be spoken differently."""
    assert key({"text": "\N{LATIN SMALL LIGATURE FI}"}) != key({"text": "fi"})


@pytest.mark.parametrize("other", ["1", True, [1], {"1": 1}, None, 1.5])
def test_values_of_different_types_have_different_keys(other: object):
    assert key({"x": 1}) != key({"x": other})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        (0.0, -0.0),
        ([1.0], (1,)),
        ({"a": 2.0}, {"a": 2}),
        ("e\u0301", "\xe9"),
        ({"e\u0301": 1}, {"\xe9": 1}),
    ],
)
def test_equal_values_have_the_same_key(one: object, other: object):
    assert key({"x": one}) == key({"x": other})


@pytest.mark.parametrize(
    "changes", [{"engine": "other"}, {"engine_version": "2"}, {"service": "voice"}, {"parameters": {"x": 2}}]
)
def test_engine_version_service_and_parameters_change_the_key(changes: dict[str, Any]):
    fields: dict[str, Any] = {"parameters": {"x": 1}} | changes
    stage = build_stage(**fields)
    assert action_key(stage, {}) != action_key(build_stage(parameters={"x": 1}), {})


def test_content_and_name_of_an_input_change_the_key():
    stage = build_stage()
    keys = {
        action_key(stage, {"speech": build_artifact("a")}),
        action_key(stage, {"speech": build_artifact("b")}),
        action_key(stage, {"reference": build_artifact("a")}),
    }
    assert len(keys) == 3


@pytest.mark.parametrize("field", ["job_id", "name", "id", "attempt"])
def test_ids_and_attempts_do_not_change_the_key(field: str):
    other: dict[str, Any] = {field: 7 if field == "attempt" else "other"}
    changed = build_stage(**other)
    assert action_key(changed, {}) == action_key(build_stage(), {})
