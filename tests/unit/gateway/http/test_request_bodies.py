"""The API's schema describes every field of every body, in both forms, with examples that are valid."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from pydantic import BaseModel

from services.gateway.assets.schemas import UploadRequest
from services.gateway.audio.requests import AudioRequest
from services.gateway.avatars.endpoints import NewAvatar
from services.gateway.batches.lines import BatchLine
from services.gateway.cloned_voices.requests import VoiceRequest
from services.gateway.effects.endpoints import NewEffect
from services.gateway.elevenlabs.schemas import TextToSpeechRequest
from services.gateway.intake.body_schema import REMIX_EXAMPLES
from services.gateway.intake.remix import remixed
from services.gateway.kinds import load_kinds
from services.gateway.lexicon.endpoints import Reading
from services.gateway.speech.schemas import SpeechRequest
from services.gateway.videos.requests import VideoRequest
from tests.described_api import openapi

Schema = dict[str, Any]
SCHEMA = openapi()
MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (
        *(AudioRequest, BatchLine, NewAvatar, NewEffect, Reading),
        *(SpeechRequest, TextToSpeechRequest, UploadRequest, VideoRequest, VoiceRequest),
    )
}
JOB_URLS = [
    f"{url}{path}"
    for url in ("/v1/videos", "/v1/audio/jobs")
    for path in ("", "/estimate", "/{job_id}/remix")
]
FILES = {"/v1/videos": {"image", "input_reference", "audio"}, "/v1/audio/jobs": {"audio"}}


def bodies() -> Iterator[tuple[str, Schema]]:
    """Yields every body of the API with a name."""
    for path, operations in SCHEMA["paths"].items():
        for method, operation in operations.items():
            for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
                yield f"{method} {path} {media_type}", content


def resolved(schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    return SCHEMA["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def undescribed(schema: Schema, path: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yields the paths of fields without a description, those of nested objects too."""
    reference = schema.get("$ref", "")
    if reference in seen:
        return
    seen = seen | {reference} if reference else seen
    schema = resolved(schema)
    for name, field in schema.get("properties", {}).items():
        if not field.get("description"):
            yield f"{path}.{name}"
        yield from undescribed(field, f"{path}.{name}", seen)
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")):
        if isinstance(part, dict):
            yield from undescribed(cast(Schema, part), path, seen)


@pytest.mark.parametrize(("name", "content"), list(bodies()))
def test_every_field_of_a_body_is_described(name: str, content: Schema):
    assert list(undescribed(content["schema"], name)) == []
    assert resolved(content["schema"])["properties"]


def test_the_models_are_those_of_the_api():
    references = [content["schema"].get("$ref", "").rpartition("/")[2] for _, content in bodies()]
    assert {name for name in references if name and not name.startswith("Body_")} == MODELS.keys()


@pytest.mark.parametrize("name", MODELS)
def test_the_examples_of_a_model_are_valid(name: str):
    examples = SCHEMA["components"]["schemas"][name]["examples"]
    assert len(examples) == 2
    for example in examples:
        MODELS[name].model_validate(example)
    assert len(examples[0]) <= len(examples[1])


def test_the_bodies_in_examples_of_lines_are_valid():
    kinds = {kind.url: kind for kind in load_kinds()}
    for example in SCHEMA["components"]["schemas"]["BatchLine"]["examples"]:
        line = BatchLine.model_validate(example)
        kinds[line.url].request.model_validate(line.body)


@pytest.mark.parametrize("model", [VideoRequest, AudioRequest])
@pytest.mark.parametrize("example", REMIX_EXAMPLES)
def test_the_examples_of_a_remix_change_a_request_with_as_many_scenes(
    model: type[BaseModel], example: Schema
):
    scenes = [{"script": "One."}] * len(example.get("scenes", ()))
    stored: Schema = {"scenes": scenes} if scenes else {"script": "Before."}
    model.model_validate(remixed(stored, example))


@pytest.mark.parametrize("url", JOB_URLS)
def test_a_body_of_a_job_has_two_forms_with_the_same_fields(url: str):
    content = SCHEMA["paths"][url]["post"]["requestBody"]["content"]
    assert set(content) == {"application/json", "multipart/form-data"}
    assert set(content["application/json"]["examples"]) == {"minimal", "full"}
    model = resolved(content["application/json"]["schema"])
    form = content["multipart/form-data"]
    fields = form["schema"]["properties"]
    assert fields.keys() == model["properties"].keys()
    assert {name for name, field in fields.items() if field.get("format") == "binary"} == FILES[
        url.removesuffix("/{job_id}/remix").removesuffix("/estimate")
    ]


@pytest.mark.parametrize("url", JOB_URLS)
def test_objects_and_lists_of_a_form_are_json(url: str):
    form = SCHEMA["paths"][url]["post"]["requestBody"]["content"]["multipart/form-data"]
    nested = {name for name, field in form["schema"]["properties"].items() if is_nested(field)}
    assert nested == form["encoding"].keys()
    assert all(each == {"contentType": "application/json"} for each in form["encoding"].values())


def is_nested(field: Schema) -> bool:
    parts = [resolved(part) for part in (field, *field.get("anyOf", ()))]
    return any(part.get("type") in ("object", "array") for part in parts)


@pytest.mark.parametrize("url", JOB_URLS)
def test_a_form_has_no_null(url: str):
    form = SCHEMA["paths"][url]["post"]["requestBody"]["content"]["multipart/form-data"]
    for field in form["schema"]["properties"].values():
        assert {"type": "null"} not in field.get("anyOf", ())
        assert field.get("default", "") is not None
