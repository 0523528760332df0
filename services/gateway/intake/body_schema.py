"""Describes bodies in the API's schema: JSON, and the form with the same fields and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from services.gateway.jobs.request import JobRequest

FILE = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
REF_TEMPLATE = "#/components/schemas/{model}"
EXAMPLE_NAMES = ("minimal", "full")
REMIX_EXAMPLES: tuple[dict[str, Any], ...] = (
    {"script": "The same face says something else."},
    {
        "scenes": [{}, {"script": "Only this scene is made again.", "speed": 1.1}],
        "output": {"loudness_lufs": -14},
    },
)


@dataclass(frozen=True, slots=True)
class BodyFields:
    """Fields of a multipart body that are not plain text.

    `files`: fields that take a file, each with the field of the request that gets the asset's id. `json`:
    fields whose text is JSON if it begins like an object or a list.
    """

    files: Mapping[str, str] = field(default_factory=dict[str, str])
    json: frozenset[str] = frozenset()


def body_schema(model: type[BaseModel], fields: BodyFields) -> dict[str, Any]:
    """Returns the OpenAPI description of a body that `read_body` reads, with the model's examples."""
    description = "JSON, or a form, which may have files in it."
    return described(model, fields, description, model.model_json_schema()["examples"])


def remix_schema(model: type[BaseModel], fields: BodyFields) -> dict[str, Any]:
    """Returns the OpenAPI description of a body that `read_remix` reads: every field may be left out."""
    description = (
        "The fields that change. A prompt alone means new words. `scenes` has an entry for each scene: `{}` "
        "keeps it. A field that is null is removed."
    )
    return described(model, fields, description, REMIX_EXAMPLES)


def described(
    model: type[BaseModel], fields: BodyFields, description: str, examples: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=REF_TEMPLATE)
    named = {name: {"value": value} for name, value in zip(EXAMPLE_NAMES, examples, strict=True)}
    reference = {"$ref": REF_TEMPLATE.format(model=model.__name__)}
    encoding = {name: {"contentType": "application/json"} for name in sorted(encoded(fields))}
    content = {
        "application/json": {"schema": reference, "examples": named},
        "multipart/form-data": {"schema": form_schema(schema, fields), "encoding": encoding},
    }
    return {"requestBody": {"required": True, "description": description, "content": content}}


def form_schema(schema: Mapping[str, Any], fields: BodyFields) -> dict[str, Any]:
    """Returns the schema of the form; what a person fills in comes first.

    A form has no null: a field without a value counts as left out.
    """
    names = sorted(schema["properties"], key=JobRequest.model_fields.__contains__)
    return {
        "type": "object",
        "description": "The fields of the JSON body. Files take the place of ids of assets; objects and "
        "lists are sent as JSON, or objects by their parts, such as `metadata[campaign]`.",
        "properties": {
            name: (file_schema if name in fields.files else without_null)(schema["properties"][name])
            for name in names
        },
    }


def encoded(fields: BodyFields) -> frozenset[str]:
    """Returns the fields that are JSON in a form. One that takes a file too has the type of the file."""
    return fields.json - fields.files.keys()


def file_schema(property_: Mapping[str, Any]) -> dict[str, Any]:
    description = f"{property_['description']} In a form: a file, or the value as text."
    return {**FILE, "description": description}


def without_null(property_: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in property_.items() if (name, value) != ("default", None)}
    if "anyOf" not in shown:
        return shown
    choices: list[dict[str, Any]] = [each for each in shown.pop("anyOf") if each != {"type": "null"}]
    return {**choices[0], **shown} if len(choices) == 1 else {**shown, "anyOf": choices}
