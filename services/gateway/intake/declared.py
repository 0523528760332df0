"""Declares the errors of endpoints that create jobs."""

from services.gateway.assets.errors import UPLOAD
from services.gateway.http.declared import Codes, Responses, errors, reasons
from services.gateway.http.inspection_errors import REFUSALS

SPOKEN: Codes = {
    422: (
        "script_missing",
        "script_empty",
        "script_invalid",
        "script_too_long",
        "job_too_long",
        "two_speeches",
        "voice_unknown",
        "voice_unsuitable",
        "voice_failed",
        "speed_unsupported",
        "pitch_unsupported",
        "effect_unknown",
        "effect_invalid",
        "engine_unknown",
        "engine_unsuitable",
        "reference_invalid",
        "asset_not_found",
        "asset_wrong_kind",
        "too_many_scenes",
    ),
    409: "voice_not_ready",
    503: "engine_unavailable",
}
"""Errors of requests for jobs that speak, of any kind."""
READ: Codes = {
    400: "invalid_json",
    415: "unsupported_content_type",
    422: ("field_given_twice", "unexpected_file"),
}
"""Errors of `read_body`."""
REMIX: Codes = {
    404: "{kind}_not_found",
    409: ("request_unknown", "kind_unknown"),
    422: ("remix_needs_scenes", "remix_scenes_mismatch"),
}
"""Errors of endpoints that change the request of a job and create it anew."""


def creation_errors(*own: Codes) -> Responses:
    """Returns the declaration of the errors of an endpoint that creates jobs which speak; `own` are those of
    its kind."""
    return errors(READ, UPLOAD, SPOKEN, reasons(*sorted(REFUSALS)), *own)
