"""The answer of a probe's process is believed only in its form."""

import json
from typing import Any

import pytest

from services.gateway.assets.media import ProbedMedia
from services.gateway.assets.probing.answer import BROKEN, read_answer

MEDIA: dict[str, Any] = {
    "kind": "image",
    "media_type": "image/png",
    "width": 4,
    "height": 3,
    "duration_seconds": None,
    "as_is": True,
}
REFUSAL: dict[str, Any] = {"status": 422, "code": "image_corrupt", "message": "It is damaged. Send it again."}


def test_properties_are_read():
    answer = read_answer(json.dumps({"media": MEDIA, "converted": False}).encode())
    assert (answer.media, answer.refusal) == (ProbedMedia("image", "image/png", 4, 3), None)


def test_a_refusal_is_read():
    answer = read_answer(json.dumps({"refusal": REFUSAL, "fault": "KeyError in f:1"}).encode())
    assert answer.refusal is not None
    assert (answer.refusal.status, answer.refusal.code, answer.fault) == (
        422,
        "image_corrupt",
        "KeyError in f:1",
    )


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        {},
        {"media": MEDIA},
        {"media": MEDIA | {"kind": "book"}, "converted": False},
        {"media": MEDIA | {"media_type": "text/html"}, "converted": False},
        {"media": MEDIA | {"width": "4"}, "converted": False},
        {"media": MEDIA | {"width": -4}, "converted": False},
        {"media": MEDIA | {"duration_seconds": float("nan")}, "converted": False},
        {"media": MEDIA | {"more": 1}, "converted": False},
        {"media": MEDIA, "converted": 1},
        {"refusal": REFUSAL | {"status": 200}, "fault": ""},
        {"refusal": REFUSAL | {"status": 500}, "fault": ""},
        {"refusal": REFUSAL | {"code": "invented"}, "fault": ""},
        {"refusal": REFUSAL | {"message": "long" * 1000}, "fault": ""},
        {"refusal": REFUSAL, "fault": "long" * 1000},
    ],
)
def test_anything_else_is_a_refusal(answer: object):
    line = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    assert read_answer(line) is BROKEN
