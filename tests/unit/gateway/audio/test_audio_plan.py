"""From a request for audio to its stages."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from likeness.mux.v1.mux_pb2 import AUDIO_FORMAT_FLAC, AssemblyTask
from services.gateway.audio.kind import questions_of, stored_spec
from services.gateway.audio.plan import plan
from services.gateway.audio.requests import AudioRequest
from services.gateway.audio.resolve import resolve
from services.gateway.audio.spec import AudioSpec
from services.gateway.components import Components
from services.gateway.http.errors import ApiError
from services.gateway.jobs.messaging.outgoing import task_of
from tests.unit.gateway.jobs.job_examples import build_stage
from tests.unit.gateway.videos.test_resolve import CATALOGUE, REFERENCES, SETTINGS


def resolved(**fields: Any) -> AudioSpec:
    return resolve(AudioRequest.model_validate(fields), REFERENCES, CATALOGUE, SETTINGS)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"script": "Hello."}, ["scene-0/tts", "mux"]),
        ({"audio": "voice"}, ["mux"]),
        ({"script": "Hello.", "conversion": {}}, ["scene-0/tts", "scene-0/voice", "mux"]),
        (
            {"effects": ["chipmunk"], "scenes": [{"script": "One."}, {"audio": "voice"}]},
            ["scene-0/tts", "scene-0/effects", "scene-1/effects", "mux"],
        ),
    ],
)
def test_each_scene_is_spoken_and_all_are_joined(fields: dict[str, Any], names: list[str]):
    assert [stage.name for stage in plan(resolved(**fields))] == names


def test_the_mux_takes_every_scene_in_the_format_that_was_asked_for():
    scenes = [{"script": "One."}, {"audio": "voice"}]
    mux = plan(resolved(scenes=scenes, output={"format": "flac", "gap_seconds": 0.5}))[-1]
    task = task_of(build_stage(service="mux", parameters=mux.parameters))
    assert isinstance(task, AssemblyTask)
    assert (task.scenes, task.audio_format, task.gap_seconds) == (2, AUDIO_FORMAT_FLAC, 0.5)
    assert list(mux.inputs) == ["speech.0", "speech.1"]


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({}, "script_missing", "script"),
        ({"script": " "}, "script_empty", "script"),
        ({"scenes": [{"script": "One."}, {}]}, "script_missing", "scenes.1.script"),
        ({"scenes": [{"script": "Hi."}] * 4}, "too_many_scenes", "scenes"),
        ({"script": "Hi.", "audio": "voice"}, "two_speeches", "script"),
        ({"audio": "face"}, "asset_wrong_kind", "audio"),
        ({"script": "Hi.", "voice": "nobody"}, "voice_unknown", "voice"),
    ],
)
def test_a_request_that_cannot_be_met_is_refused(fields: dict[str, Any], code: str, param: str):
    with pytest.raises(ApiError) as refused:
        resolved(**fields)
    assert (refused.value.code, refused.value.param) == (code, param)


def test_the_request_is_kept_with_the_voices_that_it_names():
    request = AudioRequest.model_validate({"scenes": [{"script": "One."}, {"script": "Two.", "voice": "de"}]})
    kept = stored_spec(request, resolve(request, REFERENCES, CATALOGUE, SETTINGS))
    assert kept["format"] == "mp3"
    assert "voice" not in kept["request"]
    assert [scene.get("voice") for scene in kept["request"]["scenes"]] == [None, "espeak:de"]
    again = AudioRequest.model_validate(kept["request"])
    assert plan(resolve(again, REFERENCES, CATALOGUE, SETTINGS)) == plan(
        resolve(request, REFERENCES, CATALOGUE, SETTINGS)
    )


@pytest.mark.parametrize(
    ("conversion_above", "field"), [(True, "conversion.reference"), (False, "scenes.0.conversion.reference")]
)
def test_inspections_name_fields_where_the_request_gives_them(conversion_above: bool, field: str):
    conversion = {"conversion": {"reference": "voice"}}
    scene = {"script": "[sad] No."} | ({} if conversion_above else conversion)
    fields = {"scenes": [scene]} | (conversion if conversion_above else {})
    clients = cast(Components, SimpleNamespace(speech=None, conversion=None))
    questions = questions_of(clients, AudioRequest.model_validate(fields), resolved(**fields))
    assert [question.param for question in questions] == ["scenes.0.script", field]
