"""The description of the API: valid, complete, and about the kinds that are registered."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any, cast

import pytest
from fastapi import FastAPI
from openapi_spec_validator import OpenAPIV31SpecValidator

from services.chassis.errors import Reason
from services.gateway.app import build_app
from services.gateway.components import Components
from services.gateway.http.declared import CODES, GUARD, KIND
from services.gateway.http.errors import MAX_DETAILS, ErrorResponse
from services.gateway.http.validation import FREE_KEYS
from services.gateway.jobs.domain.client_events import event_types
from services.gateway.kinds import KINDS
from tests.unit.docs.error_codes import codes_of_page

UNGUARDED = ("/healthz", "/readyz", "/metrics")
UNDECLARED = {
    ("custom_id_repeated", 422): "stands in `details` of a batch_invalid only",
    ("dry_run_unsupported", 422): "stands in `details` of a batch_invalid only",
    ("invalid_json", 422): "stands in `details` of a batch_invalid only",
    ("url_unknown", 422): "stands in `details` of a batch_invalid only",
    ("cors_refused", 400): "answers OPTIONS of web pages",
    ("headers_too_large", 431): "answers what is no request of an endpoint",
    ("http_invalid", 400): "answers what is no request of an endpoint",
    ("request_too_slow", 408): "answers what is no request of an endpoint",
    ("url_too_long", 414): "answers what is no request of an endpoint",
    ("method_not_allowed", 405): "answers methods that no endpoint declares",
}
"""Codes of the page that no endpoint declares with this status, and why."""
JOB_URLS = {
    "/v1/jobs": "AnyJob",
    "/v1/videos": "VideoObject",
    "/v1/audio/jobs": "AudioObject",
    "/v1/audio/voices": "ClonedVoiceObject",
}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app: FastAPI = build_app(lambda: nullcontext(cast(Components, None)), KINDS)
    return app.openapi()


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def errors_of(document: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for name, operation in operations(document):
        if not name.endswith(UNGUARDED):
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    yield name, int(status), response


def free_keys_in(part: Any, schemas: dict[str, Any], seen: set[str]) -> Iterator[str]:
    """Yields the names of all fields below whose keys the caller chooses, and whose values have a type."""
    if isinstance(part, list):
        for each in cast(list[Any], part):
            yield from free_keys_in(each, schemas, seen)
    if not isinstance(part, dict):
        return
    part = cast(dict[str, Any], part)
    name = str(part.get("$ref", "")).rpartition("/")[2]
    if name and name not in seen:
        seen.add(name)
        yield from free_keys_in(schemas[name], schemas, seen)
    for field, schema in part.get("properties", {}).items():
        if any(
            isinstance(each.get("additionalProperties"), dict) for each in (schema, *schema.get("anyOf", ()))
        ):
            yield field
    yield from free_keys_in(list(part.values()), schemas, seen)


def test_the_document_is_valid(document: dict[str, Any]):
    assert [error.message for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_guarded_endpoint_declares_the_errors_of_the_guard(document: dict[str, Any]):
    for name, operation in operations(document):
        if not name.endswith(UNGUARDED):
            assert {str(status) for status in GUARD} <= set(operation["responses"]), name


def test_every_error_is_declared_in_the_one_shape_with_its_codes(document: dict[str, Any]):
    for name, status, response in errors_of(document):
        content = response["content"]["application/json"]
        assert content["schema"] == {"$ref": "#/components/schemas/ErrorResponse"}, name
        assert ErrorResponse.model_validate(content["example"]).error.code == response[CODES][0]
        assert response[CODES], (name, status)
        assert all(f"`{code}`" in response["description"] for code in response[CODES])
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert set(schemas["ErrorObject"]["required"]) == set(schemas["ErrorObject"]["properties"])


def test_every_declared_code_is_on_the_page_of_errors(document: dict[str, Any]):
    page = codes_of_page()
    reasons = {reason.value for reason in Reason}
    for name, status, response in errors_of(document):
        for code in set(response[CODES]) - reasons:
            assert KIND not in code
            assert status in page[code], (name, status, code)


def test_every_code_on_the_page_of_errors_is_declared_with_its_statuses(document: dict[str, Any]):
    declared = {(code, status) for _, status, response in errors_of(document) for code in response[CODES]}
    page = {(code, status) for code, statuses in codes_of_page().items() for status in statuses}
    assert page - declared == set(UNDECLARED)


def test_the_keys_that_callers_choose_are_those_of_validation(document: dict[str, Any]):
    bodies = [operation["requestBody"] for _, operation in operations(document) if "requestBody" in operation]
    assert set(free_keys_in(bodies, document["components"]["schemas"], set())) == FREE_KEYS


def test_the_refusal_of_a_batch_is_described_with_the_limit_of_its_details(document: dict[str, Any]):
    assert f"up to {MAX_DETAILS} errors" in document["paths"]["/v1/batches"]["post"]["description"]


@pytest.mark.parametrize("request_model", ["VideoRequest", "AudioRequest"])
def test_a_dry_run_is_described_with_the_files_that_it_stores(document: dict[str, Any], request_model: str):
    field = document["components"]["schemas"][request_model]["properties"]["dry_run"]
    assert "become assets" in field["description"]


@pytest.mark.parametrize(("url", "model"), JOB_URLS.items())
def test_jobs_are_described_as_the_objects_of_their_kinds(document: dict[str, Any], url: str, model: str):
    shown = document["paths"][f"{url}/{{job_id}}"]["get"]["responses"]["200"]["content"]["application/json"]
    assert shown["schema"] == {"$ref": f"#/components/schemas/{model}"}


def test_a_job_of_any_kind_is_exactly_one_of_the_kinds_objects(document: dict[str, Any]):
    any_job = document["components"]["schemas"]["AnyJob"]
    names = [each["$ref"].rpartition("/")[2] for each in any_job["oneOf"]]
    assert names == ["VideoObject", "AudioObject", "ClonedVoiceObject", "OtherJob"]
    assert any_job["discriminator"]["propertyName"] == "object"
    assert set(any_job["discriminator"]["mapping"]) == {"video", "audio", "voice"}
    results = document["components"]["schemas"]["ResultLine"]["properties"]["job"]
    assert results["$ref"].endswith("/AnyJob")


@pytest.mark.parametrize(
    ("url", "variants"),
    [
        ("/v1/videos", ["video", "audio", "thumbnail"]),
        ("/v1/audio/jobs", ["audio"]),
        ("/v1/audio/voices", ["speaker"]),
        ("/v1/jobs", ["video", "audio", "thumbnail", "speaker"]),
    ],
)
def test_the_variants_of_content_are_those_of_the_kind(
    document: dict[str, Any], url: str, variants: list[str]
):
    parameters = document["paths"][f"{url}/{{job_id}}/content"]["get"]["parameters"]
    (variant,) = (each for each in parameters if each["name"] == "variant")
    assert variant["schema"]["anyOf"][0]["enum"] == variants


def test_codes_of_a_kind_have_its_name(document: dict[str, Any]):
    content = document["paths"]["/v1/audio/jobs/{job_id}/content"]["get"]["responses"]
    assert content["404"][CODES] == ["audio_not_found"]
    assert {"audio_failed", "kind_unknown"} <= set(content["409"][CODES])
    assert not any(code.startswith("video_") for code in content["409"][CODES])
    both = document["paths"]["/v1/jobs/{job_id}/content"]["get"]["responses"]["409"][CODES]
    assert {"audio_failed", "video_failed"} <= set(both)


def test_every_path_parameter_is_described(document: dict[str, Any]):
    for name, operation in operations(document):
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                assert parameter["description"], (name, parameter["name"])


def test_the_streams_of_events_name_the_models_of_their_events(document: dict[str, Any]):
    schemas = document["components"]["schemas"]
    for url, model in {"/v1/jobs": "JobEvent", "/v1/videos": "VideoEvent"}.items():
        stream = document["paths"][f"{url}/{{job_id}}/events"]["get"]["responses"]["200"]["content"]
        assert stream["text/event-stream"]["schema"]["contentSchema"]["$ref"].endswith(f"/{model}")
    assert schemas["EventType"]["enum"] == [each.value for each in event_types(["video", "audio", "voice"])]
    mapping = schemas["VideoEvent"]["discriminator"]["mapping"]
    assert set(mapping) == {each.value for each in event_types(["video"])}
    assert {reference.rpartition("/")[2] for reference in mapping.values()} <= set(schemas)
