"""The one place where exceptions of decoders become refusals."""

from collections.abc import Generator
from contextlib import contextmanager

from av.error import FFmpegError

from services.gateway.assets.errors import AssetRefused, corrupt, several
from services.gateway.assets.headers.reader import Joined, Malformed
from services.gateway.assets.media import MediaKind

EXPECTED = (Malformed, FFmpegError, OSError, SyntaxError, ValueError, EOFError)
"""Exceptions that decoders are known to raise for damaged files."""


@contextmanager
def decoding(kind: MediaKind) -> Generator[None]:
    """Raises `AssetRefused` in place of anything that is raised by a decoder.

    Decoders raise exceptions of any kind for files that they were never tried with: one that is not
    `EXPECTED` is a refusal as well, whose cause is reported. Running out of memory is no fault of the file's
    content.
    """
    try:
        yield
    except (AssetRefused, MemoryError):
        raise
    except Joined as exc:
        raise several(kind) from exc
    except Exception as exc:
        raise corrupt(kind) from exc


def fault_in(refusal: AssetRefused) -> str:
    """Returns type and place of the exception behind a refusal, if it is none that is expected."""
    cause = refusal.__cause__
    if cause is None or isinstance(cause, EXPECTED):
        return ""
    last = cause.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    place = f"{last.tb_frame.f_code.co_name}:{last.tb_lineno}" if last else "?"
    return f"{type(cause).__name__} in {place}"
