"""Changes to a kept request, as tables."""

from typing import Any

import pytest

from services.gateway.http.errors import ApiError
from services.gateway.intake.remix import remixed

SPOKEN = {"script": "Old.", "image": "a", "voice": "en-us", "output": {"fps": 25, "seed": 7}}
RECORDED = {"audio": "r", "transcript": "Old.", "language": "de", "avatar": {"image": "a"}}
PROMPTED = {"prompt": "Old.", "image": "a"}
ACTED = {"prompt": "zoom in", "seconds": 3, "image": "a"}
SCENES: dict[str, Any] = {"image": "a", "scenes": [{"script": "One."}, {"script": "Two.", "voice": "de"}]}


@pytest.mark.parametrize(
    ("request_", "changes", "result"),
    [
        (SPOKEN, {}, SPOKEN),
        (SPOKEN, {"prompt": "New."}, SPOKEN | {"script": "New."}),
        (SPOKEN, {"prompt": "nod", "seconds": 9}, SPOKEN | {"prompt": "nod", "seconds": 9}),
        (SPOKEN, {"prompt": "nod", "script": "New."}, SPOKEN | {"script": "New.", "prompt": "nod"}),
        (SPOKEN, {"voice": None}, {name: SPOKEN[name] for name in ("script", "image", "output")}),
        (SPOKEN, {"output": {"fps": 30}}, SPOKEN | {"output": {"fps": 30, "seed": 7}}),
        (
            SPOKEN,
            {"avatar": "b"},
            {name: SPOKEN[name] for name in ("script", "voice", "output")} | {"avatar": "b"},
        ),
        (RECORDED, {"prompt": "New."}, {"script": "New.", "avatar": {"image": "a"}}),
        (RECORDED, {"image": "b"}, {"audio": "r", "transcript": "Old.", "language": "de", "image": "b"}),
        (PROMPTED, {"prompt": "New."}, PROMPTED | {"prompt": "New."}),
        (PROMPTED, {"script": "New."}, {"script": "New.", "image": "a"}),
        (PROMPTED, {"script": "New.", "prompt": "nod"}, {"script": "New.", "prompt": "nod", "image": "a"}),
        (ACTED, {"prompt": "pan left"}, ACTED | {"prompt": "pan left"}),
        (
            SPOKEN,
            {"audio": "r"},
            {"audio": "r"} | {name: SPOKEN[name] for name in ("image", "voice", "output")},
        ),
        (
            SCENES,
            {"scenes": [{}, {"script": "New."}]},
            {"image": "a", "scenes": [{"script": "One."}, {"script": "New.", "voice": "de"}]},
        ),
        (SCENES, {"voice": "fr"}, SCENES | {"voice": "fr"}),
        (SCENES, {"scenes": None, "script": "One only."}, {"image": "a", "script": "One only."}),
        (
            SPOKEN,
            {"scenes": [{"script": "One."}, {"script": "Two."}]},
            {name: SPOKEN[name] for name in ("image", "voice", "output")}
            | {"scenes": [{"script": "One."}, {"script": "Two."}]},
        ),
        (
            {"image": "a", "scenes": [{"script": "Old."}]},
            {"prompt": "New."},
            {"image": "a", "scenes": [{"script": "New."}]},
        ),
        (SPOKEN | {"priority": "batch", "no_cache": True}, {}, SPOKEN),
        (SPOKEN, {"no_cache": True}, SPOKEN | {"no_cache": True}),
    ],
)
def test_the_changes_take_the_place_of_what_they_exclude(
    request_: dict[str, Any], changes: dict[str, Any], result: dict[str, Any]
):
    assert remixed(request_, changes) == result


REFUSED: list[tuple[dict[str, Any] | None, dict[str, Any], str]] = [
    (None, {"prompt": "New."}, "request_unknown"),
    (SCENES, {"prompt": "New."}, "remix_needs_scenes"),
    (SCENES, {"scenes": [{}]}, "remix_scenes_mismatch"),
]


@pytest.mark.parametrize(("request_", "changes", "code"), REFUSED)
def test_what_cannot_be_changed_is_refused(
    request_: dict[str, Any] | None, changes: dict[str, Any], code: str
):
    with pytest.raises(ApiError) as refused:
        remixed(request_, changes)
    assert refused.value.code == code


@pytest.mark.parametrize("scenes", ["text", 7, [1, 2]])
def test_scenes_of_another_type_are_left_to_the_validation_of_the_whole(scenes: Any):
    assert remixed(SCENES, {"scenes": scenes})["scenes"] == scenes


def test_the_kept_request_stays_as_it_is():
    kept: dict[str, Any] = {"script": "Old.", "output": {"fps": 25}}
    remixed(kept, {"script": "New.", "output": {"fps": 30}})
    assert kept == {"script": "Old.", "output": {"fps": 25}}
