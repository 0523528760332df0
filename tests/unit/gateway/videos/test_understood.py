"""A stored request, sent again or with changes, gives the stages that it should."""

from typing import Any

import pytest

from services.gateway.intake.remix import remixed
from services.gateway.videos.plan import plan
from services.gateway.videos.requests import VideoRequest
from services.gateway.videos.resolve import Resolver
from services.gateway.videos.spec import VideoSpec
from services.gateway.videos.understood import stored_spec
from tests.unit.gateway.videos.test_resolve import CATALOGUE, REFERENCES, SETTINGS

REQUESTS: dict[str, dict[str, Any]] = {
    "script": {"script": "Hello.", "image": "face"},
    "scenes": {"image": "face", "scenes": [{"script": "One."}, {"script": "Two.", "voice": "de"}]},
    "recording": {"audio": "voice", "transcript": "Hello.", "image": "face"},
    "spoken prompt": {"prompt": "Hello.", "image": "face"},
    "acted prompt": {"prompt": "zoom in", "seconds": 3, "image": "face"},
    "avatar and effects": {"script": "Hello.", "avatar": "avatar_2", "effects": ["cave"], "emotion": "sad"},
    "conversion for all": {"image": "face", "conversion": {}, "scenes": [{"script": "A."}, {"script": "B."}]},
    "output": {"script": "Hi.", "image": "face", "size": "640x360", "output": {"fit": "pad", "seed": 7}},
}


def resolved(request: VideoRequest) -> VideoSpec:
    return Resolver(request, REFERENCES, CATALOGUE, SETTINGS).resolve()


def stored(fields: dict[str, Any]) -> dict[str, Any]:
    request = VideoRequest.model_validate(fields)
    return stored_spec(request, resolved(request))["request"]


@pytest.mark.parametrize("fields", REQUESTS.values(), ids=REQUESTS)
def test_sent_again_it_gives_the_same_stages(fields: dict[str, Any]):
    again = VideoRequest.model_validate(stored(fields))
    assert plan(resolved(again)) == plan(resolved(VideoRequest.model_validate(fields)))


def test_it_names_what_was_left_to_the_defaults():
    shown = stored(REQUESTS["script"])
    assert (shown["speed"], shown["model"], shown["size"]) == (1.0, "puppet", "512x600")


def test_it_names_a_voice_with_its_engine_and_leaves_the_choice_for_other_words_open():
    assert stored({**REQUESTS["script"], "voice": "en-us"})["voice"] == "espeak:en-us"
    assert "voice" not in stored(REQUESTS["script"])
    assert stored({**REQUESTS["script"], "voice": "auto"})["voice"] == "auto"


@pytest.mark.parametrize(("field", "value"), [("voice", "de"), ("speed", 2.0), ("emotion", "happy")])
def test_a_remix_changes_what_all_scenes_share(field: str, value: Any):
    scenes = {"image": "face", "scenes": [{"script": "One."}, {"script": "Two."}]}
    changed = VideoRequest.model_validate(remixed(stored(scenes), {field: value}))
    assert plan(resolved(changed)) == plan(resolved(VideoRequest.model_validate({**scenes, field: value})))
