"""Redirects to files in the object store, under safe names."""

import unicodedata

from fastapi import Request
from fastapi.responses import RedirectResponse

from services.chassis.storage import Artifact, ObjectStore
from services.gateway.http.caching import NO_STORE, etag_of
from services.gateway.http.methods import is_head

MAX_NAME_CHARACTERS = 100
UNSAFE = frozenset('/\\:*?"<>|')
"""Characters that separate folders, or that some file system does not allow."""
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))]
)
"""Names that Windows keeps for devices."""


async def redirect_to_file(
    request: Request,
    store: ObjectStore,
    artifact: Artifact,
    filename: str,
    *,
    expires_seconds: int,
    inline: bool,
) -> RedirectResponse:
    """Returns a redirect to a URL that serves the artifact as `filename`, or shows it if `inline`.

    The redirect itself must not be kept, because its URL expires; the file behind it never changes.
    """
    url = await store.presign_get(
        artifact.key,
        filename=filename,
        media_type=artifact.media_type,
        expires_seconds=expires_seconds,
        inline=inline,
        head=is_head(request.scope),
    )
    return RedirectResponse(url, 302, {"etag": etag_of(artifact.sha256), "cache-control": NO_STORE})


def safe_name(title: str | None, suffix: str, fallback: str) -> str:
    """Returns a file name from a title that may contain anything.

    `fallback` stands in for a title without a letter or digit. Invisible characters are left out: one of them
    turns the direction of writing, and so can make a suffix look like another.
    """
    visible = (
        " " if char in UNSAFE or char.isspace() else char
        for char in unicodedata.normalize("NFC", title or "")
        if char.isspace() or unicodedata.category(char)[0] != "C"
    )
    name = " ".join("".join(visible).split()).strip(" .")[:MAX_NAME_CHARACTERS].rstrip(" .")
    if not any(char.isalnum() for char in name):
        name = fallback
    if name.partition(".")[0].strip().lower() in RESERVED:
        name = f"_{name}"
    return name if name.lower().endswith(suffix) else f"{name}{suffix}"
