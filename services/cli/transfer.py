"""Writes the body of a response to a file or to stdout."""

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import BinaryIO

import httpx2

from services.cli.destination import STDOUT, draft_for, name_of
from services.cli.errors import CliError, GatewayUnreachable
from services.cli.refusal import NO_OPTIONS, Options, refusal

RIFF_LENGTH_OFFSET, DATA_LENGTH_OFFSET = 4, 40
"""Byte offsets of the two length fields in the header of the gateway's WAV files."""


@asynccontextmanager
async def opened(
    download: AbstractAsyncContextManager[httpx2.Response], advice: str, options: Options = NO_OPTIONS
) -> AsyncGenerator[httpx2.Response]:
    """Yields the response of a download that the gateway does not refuse. `advice` ends the message of a
    download that breaks off."""
    try:
        async with download as response:
            await raise_if_refused(response, options)
            yield response
    except httpx2.TransportError as exc:
        raise GatewayUnreachable(f"The download broke off: {exc}. {advice}") from exc


async def write_body(
    response: httpx2.Response,
    destination: Path,
    advice: str,
    finish: Callable[[BinaryIO], None] | None = None,
) -> None:
    """Writes the body of a response to a file that appears whole or not at all, or to stdout as it comes.

    `finish` may change the written bytes before they become the file. `advice` ends the message of an error.
    """
    try:
        with draft_for(destination) as draft:
            async for chunk in response.aiter_bytes():
                draft.write(chunk)
            if finish is not None and destination != STDOUT:
                finish(draft)
    except BrokenPipeError:
        # Whoever reads stdout has enough of it: typer ends the command without a message.
        raise
    except OSError as exc:
        raise CliError(f"Cannot write {name_of(destination)}: {exc.strerror}. {advice}") from exc


def close_wav(file: BinaryIO) -> None:
    """Writes the lengths into the header of a WAV file. A stream does not know them when it begins."""
    size = file.tell()
    for offset in (RIFF_LENGTH_OFFSET, DATA_LENGTH_OFFSET):
        file.seek(offset)
        file.write((size - offset - 4).to_bytes(4, "little"))


async def raise_if_refused(response: httpx2.Response, options: Options = NO_OPTIONS) -> None:
    """Raises GatewayRefused unless the status is one of success."""
    if response.is_success:
        return
    await response.aread()
    raise refusal(response.status_code, response.text, options)
