"""JSON is read within limits: what it holds is counted before it is parsed."""

import json
from typing import Any

import pytest

from services.gateway.http import json_body
from services.gateway.http.errors import ApiError
from services.gateway.http.json_body import MAX_VALUES, STEP, has_too_many_values, read_json


def nested(value: str, depth: int) -> str:
    return "[" * depth + value + "]" * depth


@pytest.mark.parametrize(
    "data",
    [
        "[" + ",".join(["0"] * MAX_VALUES) + "]",
        "[" + ",".join(["[]"] * MAX_VALUES) + "]",
        json.dumps({str(number): 0 for number in range(MAX_VALUES)}),
        json.dumps({"scenes": [{"script": "a, b", "voice": "[{"}] * (MAX_VALUES // 3 + 1)}),
        '["\\\\",' + ",".join(['"\\""'] * MAX_VALUES) + "]",
        "[" * (MAX_VALUES + 1),
        " " * (STEP + 1) + "[" + ",".join(["0"] * MAX_VALUES) + "]",
        json.dumps(["\\" * STEP, *[0] * MAX_VALUES]),
    ],
    ids=range(8),
)
async def test_a_value_too_many_is_refused(data: str) -> None:
    with pytest.raises(ApiError) as refused:
        await read_json(data.encode())
    assert (refused.value.status, refused.value.code) == (422, "too_many_values")


VALUES: tuple[Any, ...] = (
    0,
    "",
    [0] * (MAX_VALUES - 1),
    {str(number): 0 for number in range(MAX_VALUES - 1)},
    ["," * MAX_VALUES, '"[{,' * MAX_VALUES, "\\" * 3 * STEP, "\n" * 2 * STEP, "京" * STEP],
    "a" * 3 * STEP,
)


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
@pytest.mark.parametrize("ascii_only", [True, False])
async def test_what_stands_in_texts_does_not_count(value: Any, ascii_only: bool) -> None:
    data = json.dumps(value, ensure_ascii=ascii_only).encode()
    assert not has_too_many_values(data)
    assert await read_json(data) == value


@pytest.mark.parametrize("data", [b'"', b'"\\', b'["a', b'"\\"', b"", b"{", b'{"a"', b","])
def test_invalid_json_is_counted_to_its_end(data: bytes) -> None:
    assert not has_too_many_values(data)


@pytest.mark.parametrize("text", ['""', ':""', '"\\""', '"a" '], ids=range(4))
def test_texts_are_searched_only_as_long_as_the_json_may_be_valid(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A search for each text of a body would hold the loop for as long as the body likes."""
    places: list[int] = []
    search = json_body.end_of_text

    def end_of_text(data: bytes, at: int) -> int:
        places.append(at)
        return search(data, at)

    monkeypatch.setattr(json_body, "end_of_text", end_of_text)
    assert has_too_many_values(b"[" + b"," * 100 + text.encode() * 100_000, 200)
    assert len(places) == 401


@pytest.mark.parametrize("value", [{str(n): str(n) for n in range(199)}, [""] * 199, "a"], ids=range(3))
def test_valid_json_has_few_enough_texts(value: Any) -> None:
    assert not has_too_many_values(json.dumps(value).encode(), 200)


@pytest.mark.parametrize("part", [b"a" * 3 * STEP, b'\\"' * STEP, b"\\\\" * STEP], ids=range(3))
def test_no_search_goes_over_more_than_one_step(part: bytes) -> None:
    """A search holds Python's lock, and so every other request."""
    patterns = vars(json_body)["_INSIDE"], vars(json_body)["_NEXT"]
    assert all(len(found[0]) <= STEP + 1 for pattern in patterns if (found := pattern.match(part)))
