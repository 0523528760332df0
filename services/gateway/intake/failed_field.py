"""Finds the field of a request that made a job fail. Pure."""

import re
from collections.abc import Mapping
from typing import Any, cast

from services.gateway.http.inspection_errors import REFUSALS
from services.gateway.intake.given_fields import name_where_given
from services.gateway.jobs.domain.models import Job, StageState

_STAGE = re.compile(r"scene-(\d+)/([a-z]+)")
_FIELDS = {"tts": "script", "align": "audio", "voice": "conversion", "effects": "effects", "video": "image"}
"""The field that each stage of a scene works on, by the stage's name."""


def failed_field(job: Job) -> str | None:
    """Returns the field that the failed stage has refused, as a refusal of the request would name it.

    Returns `None` if the job has not failed, or not by what it asks for. `job` is one whose stages are named
    as `speech.plan` and `videos.plan` name them.
    """
    failed = next((stage for stage in job.stages if stage.state is StageState.FAILED), None)
    if failed is None or failed.failure is None or failed.failure.reason not in REFUSALS:
        return None
    match, request = _STAGE.match(failed.name), job.record.spec.get("request")
    if match is None or match[2] not in _FIELDS or not isinstance(request, Mapping):
        return None
    return _field_of(int(match[1]), _FIELDS[match[2]], cast(Mapping[str, Any], request))


def _field_of(number: int, field: str, request: Mapping[str, Any]) -> str | None:
    scenes = request.get("scenes")
    scene = scenes[number] if scenes else request
    path = f"scenes.{number}." if scenes else ""
    if field == "script" and scene.get("script") is None:
        field = "prompt"
    return name_where_given(f"{path}{field}", scene, request, path)
