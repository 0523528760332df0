"""Sends a batch: uploads the files that its lines name, each once, and creates its jobs."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from services.cli.batches.calls import Batch, create_batch
from services.cli.batches.lines import FileField, file_fields, path_of, read_lines, with_assets
from services.cli.client import GatewayClient
from services.cli.errors import REFUSED_REQUESTS, CliError, GatewayRefused, UsageError
from services.cli.job_text import goes_on_text
from services.cli.refusal import ADVICE, in_own_words

LINE_ADVICE: Mapping[str, str] = {
    **ADVICE,
    "asset_not_found": "Give the path of a file, or the id of an asset.",
    "image_missing": "Give a file or an asset as image, or the id of an avatar as avatar.",
}
"""What to do about errors in lines, by code."""
MAX_LISTED = 50
"""Maximum number of errors that the gateway lists at once."""


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One thing that is wrong in a line. `field` is named as in the line."""

    line: int
    custom_id: str | None
    field: str | None
    message: str


class BatchRefused(UsageError):
    """Lines are wrong, and nothing was made."""

    def __init__(self, problems: Sequence[LineProblem]) -> None:
        self.problems = problems
        count = len({problem.line for problem in problems})
        message = f"{count} {'line is' if count == 1 else 'lines are'} wrong; nothing was made."
        more = " There may be more: the gateway names a part of them." if len(problems) >= MAX_LISTED else ""
        super().__init__(message + more)

    def as_json(self) -> list[dict[str, object]]:
        return [asdict(problem) for problem in self.problems]


async def send_batch(client: GatewayClient, data: bytes, folder: Path, note: Callable[[str], None]) -> Batch:
    """Returns the created batch. Names of files are relative to `folder`.

    Raises BatchRefused with everything that is wrong in lines. Files that are missing do not keep the lines
    from the gateway, which refuses them too, with all other errors. Raises GatewayRefused for every other
    refusal, such as that of the key. If cancelled while the batch is created, notes its id.
    """
    lines = read_lines(data)
    fields = [field for line in lines for field in file_fields(line)]
    paths = {field.name: path_of(field, folder) for field in fields}
    if paths:
        note(f"uploading {len(paths)} {'file' if len(paths) == 1 else 'files'}")
    assets: dict[str, str] = {}
    refused: dict[str, str] = {}
    for name, path in paths.items():
        try:
            assets[name] = await client.upload(path)
        except UsageError as exc:
            refused[name] = exc.message
        except GatewayRefused as exc:
            if exc.status not in REFUSED_REQUESTS:
                raise
            refused[name] = exc.message
    try:
        return await create_shielded(client, with_assets(lines, fields, assets), note)
    except GatewayRefused as exc:
        if exc.code != "batch_invalid":
            raise
        missing = [field for field in fields if field.name in refused]
        raise BatchRefused(all_problems(exc, missing, refused)) from exc


async def create_shielded(client: GatewayClient, lines: bytes, note: Callable[[str], None]) -> Batch:
    """Returns the created batch. If cancelled, waits for its id and notes it: the jobs of a batch whose
    creation was requested can be cancelled only by it."""
    created = asyncio.ensure_future(create_batch(client, lines))
    try:
        return await asyncio.shield(created)
    except asyncio.CancelledError:
        note("the batch was sent; waiting for its id")
        note(await outcome_of(created))
        raise


async def outcome_of(created: "asyncio.Future[Batch]") -> str:
    """Says whether there is a batch, and how to cancel it. Does not raise if the gateway has refused it."""
    try:
        batch = await created
    except CliError as exc:
        return exc.message
    return goes_on_text(batch["id"])


def all_problems(
    refusal: GatewayRefused, missing: Sequence[FileField], messages: dict[str, str]
) -> list[LineProblem]:
    """Returns the problems of files and those that the gateway has found, in the order of the lines."""
    own = {
        (field.line, field.field): LineProblem(field.line, field.custom_id, field.field, messages[field.name])
        for field in missing
    }
    found = [
        LineProblem(
            each["line"],
            each["custom_id"],
            each["param"],
            in_own_words(each["code"], each["message"], each["param"], advice=LINE_ADVICE),
        )
        for each in refusal.lines
        if (each["line"], each["param"]) not in own
    ]
    return sorted([*own.values(), *found], key=lambda problem: (problem.line, problem.field or ""))
