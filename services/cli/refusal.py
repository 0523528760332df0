"""Turns the refusals of the gateway into errors in the words of the command line. Pure."""

import json
import re
from collections.abc import Mapping
from itertools import takewhile
from types import MappingProxyType
from typing import Any, cast

from services.cli.errors import GatewayRefused

Options = Mapping[str, str]
"""The option or argument for each field of a request; `""` is what an error without a field is about."""
NO_OPTIONS: Options = MappingProxyType({})

VISIBLE_ENDPOINT = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE)\s+/|(?<![\w.])/(?:v\d+\b|docs\b|openapi\b)")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
KEY_ADVICE = "Give the key with --api-key or LIKENESS_API_KEY."
LIST_ADVICE = "`likeness list` lists what there is."
UNKNOWN = "The gateway has nothing of this name, or is of another version than this command."
ADVICE: Mapping[str, str] = {
    # Codes whose message names an endpoint or a field in its advice, or has none for this command line.
    "audio_not_found": LIST_ADVICE,
    "avatar_not_found": "`likeness avatars` lists what there is.",
    "batch_not_found": "`likeness batches` lists what there is.",
    "effect_not_found": "`likeness effects` lists what there is.",
    "effect_unknown": "`likeness effects` lists what there is.",
    "image_missing": "Give it with --image or --avatar.",
    "invalid_api_key": KEY_ADVICE,
    "job_not_found": LIST_ADVICE,
    "missing_api_key": KEY_ADVICE,
    "voice_not_found": "`likeness voices` lists what there is.",
    "voice_unknown": "`likeness voices` lists what there is.",
    "pronunciation_not_found": "`likeness lexicon` lists what there is.",
    "video_not_found": LIST_ADVICE,
}
OWN_WORDS: Mapping[str, str] = {"not_found": UNKNOWN, "method_not_allowed": UNKNOWN}
"""Messages that take the place of the gateway's, by code."""
QUOTED = frozenset({"url_unknown"})
"""Codes whose message is shown as it is: it names the values of `url`, which users write into batches."""


def refusal(status: int, body: str, options: Options = NO_OPTIONS) -> GatewayRefused:
    """Builds the error of a response: from its envelope with all details, or from any other body.

    A proxy between the command and the gateway does not use the envelope.
    """
    try:
        error: dict[str, Any] = json.loads(body)["error"]
        code = str(error["code"])
        message = all_problems_text(error, options, log_text(status, error))
    except (ValueError, KeyError, TypeError):
        return GatewayRefused(f"The gateway answered {status}: {body[:200]}", code="unknown", status=status)
    return GatewayRefused(message, code=code, status=status, lines=line_details(error))


def log_text(status: int, error: Mapping[str, Any]) -> str:
    """Returns where the gateway's log has an error of its own; an empty text for other errors."""
    found = error.get("request_id") if status >= 500 else None
    return f"The gateway's log has it under {found}." if found else ""


def all_problems_text(error: Mapping[str, Any], options: Options, log: str) -> str:
    """Returns everything that is wrong: one problem in a line, several in a line each."""
    details = details_of(error)
    if len(details) == 1:
        return problem_text(details[0], options, log)
    problems = [f"  {problem_text(each, options)}" for each in details]
    return "\n".join([" ".join(filter(None, (log, f"{len(problems)} things are wrong:"))), *problems])


def details_of(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Returns everything that is wrong, each with code, message and param; at least the error itself."""
    details: list[Mapping[str, Any]] = error.get("details") or []
    return [{"code": error["code"], **each} for each in details] or [error]


def line_details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Returns the details that are about lines of a batch."""
    details: list[Mapping[str, Any]] = error.get("details") or []
    return [each for each in details if each.get("line")]


def problem_text(detail: Mapping[str, Any], options: Options, log: str = "") -> str:
    """Returns one problem in a line: its option, what is wrong, what to do, and its code."""
    code, param = str(detail["code"]), cast(str | None, detail.get("param"))
    message = " ".join(filter(None, (in_own_words(code, str(detail["message"]), param, options), log)))
    option = option_for(param, options)
    return f"{option}: {message} ({code})" if option else f"{message} ({code})"


def option_for(param: str | None, options: Options) -> str | None:
    """Returns the option for a field such as `output.fps`: that of the field itself, or of one around it."""
    parts = (param or "").split(".")
    for length in range(len(parts), 0, -1):
        if found := options.get(".".join(parts[:length])):
            return found
    return options.get("")


def in_own_words(
    code: str,
    message: str,
    param: str | None = None,
    options: Options = NO_OPTIONS,
    advice: Mapping[str, str] = ADVICE,
) -> str:
    """Returns the message without endpoints and fields of requests, with what to do on the command line."""
    if code in QUOTED:
        return message
    if code in OWN_WORDS:
        return OWN_WORDS[code]
    text = message.removeprefix(f"{param}: ") if param else message
    kept = without_endpoints(with_options(text, options))
    return " ".join(filter(None, (kept, advice.get(code)))) or "The gateway refuses this."


def with_options(text: str, options: Options) -> str:
    """Returns the text with options in place of the fields that are no words of English, such as `a_b`."""
    fields = sorted((name for name in options if "." in name or "_" in name), key=len, reverse=True)
    if not fields:
        return text
    pattern = re.compile(rf"(?<![\w.])`?({'|'.join(map(re.escape, fields))})`?(?!\w|\.\w)")
    return pattern.sub(lambda match: options[match[1]], text)


def without_endpoints(text: str) -> str:
    """Returns the text without clauses that name an endpoint, and without what follows them in a sentence."""
    kept: list[str] = []
    for sentence in SENTENCE_END.split(text):
        clauses = list(takewhile(lambda clause: not VISIBLE_ENDPOINT.search(clause), sentence.split("; ")))
        if clauses:
            kept.append(
                "; ".join(clauses).rstrip(".") + "." if VISIBLE_ENDPOINT.search(sentence) else sentence
            )
    return " ".join(kept)
