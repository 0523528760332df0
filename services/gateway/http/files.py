"""Redirects to files in the object store, under safe names."""

import unicodedata
from collections.abc import Mapping

from fastapi import Request
from fastapi.responses import RedirectResponse

from services.chassis.storage import Artifact, ObjectStore
from services.gateway.http.caching import NO_STORE, etag_of
from services.gateway.http.methods import is_head

MAX_NAME_BYTES = 200
"""Limit of a name in UTF-8 before its suffix: most file systems take 255 bytes."""
UNSAFE = frozenset('/\\:*?"<>|')
"""Characters that separate folders, or that some file system does not allow."""
RESERVED = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))]
)
"""Names that Windows keeps for devices."""
EQUAL_SUFFIXES: Mapping[str, tuple[str, ...]] = {
    ".jpg": (".jpeg", ".jpe"),
    ".wav": (".wave",),
    ".ogg": (".oga", ".opus"),
    ".opus": (".oga", ".ogg"),
    ".mp4": (".m4v",),
    ".mov": (".qt",),
}
"""Other suffixes of the same media type: a name that ends in one needs none."""


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
    name = " ".join("".join(visible).split()).strip(" .")
    name = name.encode()[:MAX_NAME_BYTES].decode(errors="ignore").rstrip(" .")
    if not any(char.isalnum() for char in name):
        name = fallback
    if name.partition(".")[0].strip().lower() in RESERVED:
        name = f"_{name}"
    complete = name.lower().endswith((suffix, *EQUAL_SUFFIXES.get(suffix, ())))
    return name if complete else f"{name}{suffix}"
