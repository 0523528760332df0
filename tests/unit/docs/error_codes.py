"""Finds the error codes of the gateway in its source, and compares them with docs/reference/errors.md.

    python -m tests.unit.docs.error_codes

prints the codes that the page lacks and those that the source does not have, with their HTTP statuses.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from services.chassis.http_server import refusals
from services.chassis.http_server.refusals import Refusal
from tests.unit.docs.pages import DOCS, ROOT, rows_of, section

GATEWAY = ROOT / "services/gateway"
CONSTRUCTORS = GATEWAY / "http/errors.py"
"""Defines `ApiError`, `invalid` and `not_found`, whose calls are searched for."""
PAGE = DOCS / "reference/errors.md"
SECTION = "Codes"
KINDS = ("video", "audio", "voice")
REFUSALS = ("face_not_found", "invalid_argument", "media_unreadable", "voice_unknown")
"""Reasons for which a service refuses what it inspects, as in `http/inspection_errors.py`."""
Codes = Mapping[str, frozenset[int]]

COMPUTED: Mapping[str, tuple[str, ...]] = {
    # Codes that are no literals: the expression as it stands in the source, and the values that it takes.
    "f'{name}_too_long'": tuple(
        f"{name}_too_long" for name in ("input", "prompt", "script", "text", "transcript")
    ),
    "f'{kind}_too_large'": ("image_too_large", "video_too_large"),
    "f'{kind}_too_long'": ("audio_too_long", "video_too_long"),
    "f'{kind}_corrupt'": ("audio_corrupt", "image_corrupt", "video_corrupt"),
    "f'{kind}_failed'": tuple(f"{kind}_failed" for kind in KINDS),
    "f'{kind}_cancelled'": tuple(f"{kind}_cancelled" for kind in KINDS),
    "f'{kind}_not_ready'": tuple(f"{kind}_not_ready" for kind in KINDS),
    "exc.reason.value": REFUSALS,
    "question.code or refusal.reason.value": ("reference_invalid", "script_invalid", *REFUSALS),
    "CODE": ("invalid_request",),
    "LIMIT_REACHED": ("concurrency_limit_reached",),
}
COMPUTED_KINDS: Mapping[str, tuple[str, ...]] = {
    # What `not_found` is called with where that is no literal.
    "kind or 'job'": ("job", *KINDS),
    "kind": KINDS,
    "record.kind": KINDS,
}
PASSED_ON = frozenset(
    {
        "answer.refusal.code",
        "code",
        "exc.code",
        "first.code",
        "refusal.code",
        "phrase.lower().replace(' ', '_')",
    }
)
"""Expressions that pass on the code of another error."""
STARLETTE: Codes = {
    "bad_request": frozenset({400}),
    "method_not_allowed": frozenset({405}),
    "not_found": frozenset({404}),
}
"""Phrases of `HTTPException`s, as `handle_http_exception` shows them."""


class UnknownExpression(Exception):
    """A code is computed by an expression that this module does not know. Add it to `COMPUTED`."""


def codes_of_source() -> Codes:
    """Returns every code of the gateway's source, with the HTTP statuses that it comes with."""
    found: defaultdict[str, set[int]] = defaultdict(set)
    for file in sorted({*GATEWAY.rglob("*.py")} - {CONSTRUCTORS}):
        for code, status in codes_of_file(file):
            found[code].add(status)
    for code, statuses in STARLETTE.items():
        found[code] |= statuses
    for refusal in (each for each in vars(refusals).values() if isinstance(each, Refusal)):
        found[refusal.code].add(refusal.status)
    return {code: frozenset(statuses) for code, statuses in found.items()}


def codes_of_file(file: Path) -> Iterator[tuple[str, int]]:
    tree = ast.parse(file.read_text())
    assigned = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code"
    ]
    for expression in assigned:
        yield from ((code, 422) for code in values(expression, COMPUTED, f"{file.relative_to(ROOT)}"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        where = f"{file.relative_to(ROOT)}:{node.lineno}"
        match ast.unparse(node.func):
            case "ApiError" | "AssetRefused":
                yield from with_status(node.args[0], node.args[1], where)
            case "super().__init__" if len(node.args) > 2:
                yield from with_status(node.args[0], node.args[1], where)
            case "invalid":
                yield from ((code, 422) for code in values(node.args[0], COMPUTED, where))
            case "not_found":
                kinds = values(node.args[0], COMPUTED_KINDS, where)
                yield from ((f"{kind}_not_found", 404) for kind in kinds)
            case "error":
                yield from ((code, 422) for code in values(node.args[0], COMPUTED, where))
            case "ErrorDetail":
                (code,) = (each.value for each in node.keywords if each.arg == "code")
                yield from ((value, 422) for value in values(code, COMPUTED, where))
            case _:
                pass


def with_status(status: ast.expr, code: ast.expr, where: str) -> Iterator[tuple[str, int]]:
    for value in values(code, COMPUTED, where):
        yield value, int(ast.literal_eval(status))


def values(code: ast.expr, computed: Mapping[str, tuple[str, ...]], where: str) -> tuple[str, ...]:
    if isinstance(code, ast.Constant):
        return (str(code.value),)
    text = ast.unparse(code)
    if text in computed:
        return computed[text]
    if text in PASSED_ON:
        return ()
    raise UnknownExpression(f"{where}: {text}")


def codes_of_page() -> Codes:
    """Returns the codes of the page's table, with their statuses."""
    return {
        cells[0].strip("`"): frozenset(int(status) for status in cells[1].split(","))
        for cells in rows_of(section(PAGE.read_text(), SECTION))
    }


def main() -> None:
    source, page = codes_of_source(), codes_of_page()
    for title, ours, theirs in (("missing", source, page), ("not in the source", page, source)):
        for code in sorted(ours):
            if ours[code] != theirs.get(code):
                statuses = ", ".join(map(str, sorted(ours[code])))
                print(f"{title}: | `{code}` | {statuses} |")  # noqa: T201


if __name__ == "__main__":
    main()
