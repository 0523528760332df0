"""Completes the description of the API that FastAPI builds: what endpoints read and send by themselves, and
what follows from the kinds of jobs that are registered."""

from collections.abc import Iterator, Sequence
from typing import Any, cast

from pydantic import BaseModel

from services.gateway.batches.lines import BatchLine
from services.gateway.batches.schemas import ResultLine
from services.gateway.http.declared import codes_of, of_kind
from services.gateway.http.errors import ErrorResponse
from services.gateway.jobs.domain.client_events import event_types
from services.gateway.jobs.kinds import AnyKind
from services.gateway.jobs.views.event_objects import event_models
from services.gateway.jobs.views.objects import JobObject

Document = dict[str, Any]
REF = "#/components/schemas/{model}"
CONTENT_PATH, EVENTS_PATH = "/{job_id}/content", "/{job_id}/events"
ALL_JOBS = "/v1/jobs"
EVENT_STREAM, JSON_LINES = "text/event-stream", "application/jsonl"
PATH_PARAMETERS = {
    "job_id": "The job's id, such as `video_1f…`.",
    "batch_id": "The batch's id, such as `batch_1f…`.",
    "stage_id": "The dead letter's id, such as `stage_1f…`.",
    "asset_id": "The asset's id, such as `asset_1f…`.",
    "upload_id": "The upload's id, such as `upload_1f…`.",
    "avatar_id": "The avatar's id, such as `avatar_1f…`.",
    "voice_id": "A voice of GET /v1/voices; for speech to speech also an audio asset.",
    "name": "A name of GET /v1/effects.",
    "model": "An id of GET /v1/models.",
}


def complete(document: Document, kinds: Sequence[AnyKind]) -> Document:
    """Changes the document in place, and returns it."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    add_models(schemas, [BatchLine, ResultLine, ErrorResponse, *(kind.request for kind in kinds)])
    add_models(schemas, [kind.object_model for kind in kinds], mode="serialization")
    add_events(schemas, kinds)
    add_any_job(document, kinds)
    for path, operation in operations(document):
        of_path = [kind for kind in kinds if f"{path}/".startswith(f"{kind.url}/")]
        complete_operation(path, operation, of_path, kinds)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def operations(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            yield path, operation


def add_models(schemas: dict[str, Any], models: Sequence[type[BaseModel]], **options: Any) -> None:
    """Adds the schemas of the models, and of those that they consist of, as far as there are none."""
    for model in models:
        body = model.model_json_schema(ref_template=REF, **options)
        for name, schema in (body.pop("$defs", {}) | {model.__name__: body}).items():
            schemas.setdefault(name, schema)


def add_events(schemas: dict[str, Any], kinds: Sequence[AnyKind]) -> None:
    """Adds `EventType`, the models of all events, and for each kind the choice of its own."""
    types = event_types(kind.name for kind in kinds)
    schemas["EventType"] = {
        "type": "string",
        "enum": [each.value for each in types],
        "description": "The types of all events. Each has a model of its data for each kind.",
    }
    for kind in kinds:
        models = event_models(kind.name, kind.object_model)
        add_models(schemas, list(models.values()), mode="serialization")
        names = {event_type: model.__name__ for event_type, model in models.items()}
        schemas[events_name(kind)] = choice(names, "type")
    schemas["JobEvent"] = {"anyOf": [reference(events_name(kind)) for kind in kinds]}


def events_name(kind: AnyKind) -> str:
    return f"{kind.name.capitalize()}Event"


def choice(names: dict[str, str], field: str) -> dict[str, Any]:
    """Returns the schema of one of the models, which the value of the field tells."""
    return {
        "oneOf": [reference(name) for name in names.values()],
        "discriminator": {
            "propertyName": field,
            "mapping": {value: reference(name)["$ref"] for value, name in names.items()},
        },
    }


def reference(name: str) -> dict[str, str]:
    return {"$ref": REF.format(model=name)}


def add_any_job(document: Document, kinds: Sequence[AnyKind]) -> None:
    """Describes jobs of every kind as one of the kinds' objects wherever they are shown.

    A job whose kind is not registered has the common fields only.
    """
    models = {kind.name: kind.object_model.__name__ for kind in kinds if kind.object_model is not JobObject}
    common = reference("JobObject")
    for_any = reference("AnyJob")
    replace_references(document["paths"], common, for_any)
    schemas = document["components"]["schemas"]
    replace_references(schemas, common, for_any)
    add_models(schemas, [JobObject], mode="serialization")
    unregistered = {"properties": {"object": {"not": {"enum": list(models)}}}}
    schemas["OtherJob"] = {
        "description": "A job whose kind this gateway does not have any more.",
        "allOf": [common, unregistered],
    }
    any_job = choice(models, "object")
    any_job["oneOf"].append(reference("OtherJob"))
    schemas["AnyJob"] = any_job


def replace_references(part: Any, old: dict[str, str], new: dict[str, str]) -> None:
    """Replaces a reference everywhere below this part of the document."""
    match part:
        case {"$ref": reference} if reference == old["$ref"]:
            part.update(new)
        case dict():
            for each in cast(dict[str, Any], part).values():
                replace_references(each, old, new)
        case list():
            for each in cast(list[Any], part):
                replace_references(each, old, new)
        case _:
            pass


def complete_operation(
    path: str, operation: dict[str, Any], of_path: Sequence[AnyKind], kinds: Sequence[AnyKind]
) -> None:
    """Completes one operation; `of_path` has the kind below whose URL it is, `kinds` has all."""
    shown = of_path or kinds
    responses: dict[str, Any] = operation["responses"]
    if codes_of(responses):
        declared = of_kind(responses, [kind.name for kind in shown])
        responses |= {str(status): response for status, response in declared.items()}
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path" and parameter["name"] in PATH_PARAMETERS:
            parameter.setdefault("description", PATH_PARAMETERS[parameter["name"]])
        if parameter["name"] == "variant" and path.endswith(CONTENT_PATH):
            parameter["schema"] = variants_of(shown)
            parameter["description"] = "The file; by default the first of the kind."
    if path.endswith(EVENTS_PATH):
        name = events_name(of_path[0]) if of_path else "JobEvent"
        description = f"Server-sent events. The `data` of each is JSON: a `{name}`."
        responses["200"]["content"] = {EVENT_STREAM: {"schema": streamed(EVENT_STREAM, name, description)}}
    if JSON_LINES in responses.get("200", {}).get("content", {}):
        schema = streamed(JSON_LINES, "ResultLine", "A `ResultLine` for each job, one a line.")
        responses["200"]["content"] = {JSON_LINES: {"schema": schema}}


def streamed(media_type: str, model: str, description: str) -> dict[str, Any]:
    """Returns the schema of a stream of JSON texts: OpenAPI 3.1 has no other word for their model."""
    return {
        "type": "string",
        "contentMediaType": media_type,
        "contentSchema": reference(model),
        "description": description,
    }


def variants_of(kinds: Sequence[AnyKind]) -> dict[str, Any]:
    names = list(dict.fromkeys(variant for kind in kinds for variant in kind.variants))
    return {"anyOf": [{"type": "string", "enum": names}, {"type": "null"}], "title": "Variant"}
