import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

import services.gateway
from services.cli.refusal import VISIBLE_ENDPOINT, in_own_words, refusal
from services.cli.render_request import VIDEO_OPTIONS
from services.cli.speak_request import SPEECH_OPTIONS

GATEWAY = Path(services.gateway.__path__[0])


def body(code: str, message: str, param: str | None = None, **fields: Any) -> str:
    return json.dumps({"error": {"code": code, "message": message, "param": param, **fields}})


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (
            422,
            {
                "code": "voice_unknown",
                "message": "No voice 'x'. GET /v1/voices lists them.",
                "param": "voice",
            },
            "--voice: No voice 'x'. `likeness voices` lists what there is. (voice_unknown)",
        ),
        (
            422,
            {"code": "invalid_request", "message": "output.fps: At most 60.", "param": "output.fps"},
            "--fps: At most 60. (invalid_request)",
        ),
        (
            422,
            {"code": "invalid_request", "message": "No number.", "param": "avatar.landmarks.chin.0"},
            "--landmarks: No number. (invalid_request)",
        ),
        (
            422,
            {"code": "pitch_unsupported", "message": "Use conversion.pitch_semitones.", "param": "speed"},
            "--speed: Use --pitch. (pitch_unsupported)",
        ),
        (
            422,
            {"code": "effect_unknown", "message": "No effect 'x'. GET /v1/effects lists them all."},
            "No effect 'x'. `likeness effects` lists what there is. (effect_unknown)",
        ),
        (
            422,
            {"code": "invalid_request", "message": "No such field. Check its spelling; /docs lists them."},
            "No such field. Check its spelling. (invalid_request)",
        ),
        (404, {"code": "job_not_found", "message": "No.", "param": "id"}, "No. `likeness list` lists what"),
        (
            401,
            {"code": "invalid_api_key", "message": "No."},
            "No. Give the key with --api-key or LIKENESS_API",
        ),
        (
            404,
            {"code": "not_found", "message": "No endpoint."},
            "The gateway has nothing of this name, or is of",
        ),
        (
            500,
            {"code": "internal_error", "message": "Failed.", "request_id": "req_1"},
            "Failed. The gateway's log has it under req_1. (internal_error)",
        ),
    ],
)
def test_a_refusal_is_told_in_the_options_of_the_command_line(
    status: int, error: dict[str, Any], message: str
) -> None:
    assert message in refusal(status, json.dumps({"error": error}), VIDEO_OPTIONS).message


def test_everything_that_is_wrong_is_told_at_once() -> None:
    details = [
        {"code": "voice_unknown", "message": "There is no voice.", "param": "voice"},
        {"message": "speed: Input should be a number", "param": "speed"},
    ]
    error = refusal(422, body("invalid_request", "2 things.", details=details), SPEECH_OPTIONS)
    assert error.message == (
        "2 things are wrong:\n"
        "  --voice: There is no voice. `likeness voices` lists what there is. (voice_unknown)\n"
        "  --speed: Input should be a number (invalid_request)"
    )


def test_several_errors_of_the_gateway_itself_name_its_log_once() -> None:
    details = [{"code": "engine_unavailable", "message": "No tts."}, {"code": "x", "message": "No mux."}]
    error = refusal(503, body("engine_unavailable", "2 things.", details=details, request_id="req_1"))
    assert error.message == (
        "The gateway's log has it under req_1. 2 things are wrong:\n"
        "  No tts. (engine_unavailable)\n"
        "  No mux. (x)"
    )


def test_a_single_detail_is_one_line() -> None:
    details = [{"code": "script_empty", "message": "Write.", "param": "input"}]
    error = refusal(422, body("script_empty", "Write.", "input", details=details), SPEECH_OPTIONS)
    assert error.message == "TEXT: Write. (script_empty)"


def test_a_field_that_was_not_typed_is_not_named() -> None:
    assert refusal(422, body("invalid_request", "a_b.c: No.", "a_b.c")).message == "No. (invalid_request)"


def test_a_message_that_only_names_an_endpoint_leaves_a_sentence() -> None:
    assert in_own_words("x", "See GET /v1/effects.") == "The gateway refuses this."


def test_an_error_without_a_field_is_about_the_file() -> None:
    error = refusal(422, body("image_corrupt", "It cannot be read."), {"": "me.jpg"})
    assert error.message == "me.jpg: It cannot be read. (image_corrupt)"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>Bad Gateway</html>", "The gateway answered 502: <html>Bad Gateway</html>"),
        ('{"error": "text"}', 'The gateway answered 502: {"error": "text"}'),
        ("[]", "The gateway answered 502: []"),
    ],
)
def test_a_body_without_an_envelope_is_shown(text: str, message: str) -> None:
    assert refusal(502, text).message == message


@pytest.mark.parametrize(
    ("status", "exit_status"),
    [(400, 2), (401, 1), (404, 1), (409, 1), (413, 2), (415, 2), (422, 2), (503, 1)],
)
def test_a_wrong_request_is_wrong_usage(status: int, exit_status: int) -> None:
    assert refusal(status, body("code", "No.")).exit_status == exit_status


def messages_with_endpoints() -> list[str]:
    """Returns the texts of the gateway that name an endpoint and are messages: sentences, with a blank for
    each value."""
    found: set[str] = set()
    for file in GATEWAY.rglob("*.py"):
        tree = ast.parse(file.read_text())
        docstrings = {docstring_of(node) for node in ast.walk(tree)}
        for node in ast.walk(tree):
            text = text_of(node)
            if VISIBLE_ENDPOINT.search(text) and text not in docstrings and re.search(r"\w\. |\.$", text):
                found.add(text)
    return sorted(found)


def docstring_of(node: ast.AST) -> str | None:
    documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
    return ast.get_docstring(node, clean=False) if documented else None


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "'x'" for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_the_gateway_has_messages_with_endpoints() -> None:
    assert len(messages_with_endpoints()) > 5


@pytest.mark.parametrize("message", messages_with_endpoints())
def test_no_message_of_the_gateway_names_an_endpoint_here(message: str) -> None:
    assert not VISIBLE_ENDPOINT.search(in_own_words("invalid_request", message))
