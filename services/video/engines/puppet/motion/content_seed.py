"""Derives the seed of everything that moves by chance from what the video is made of."""

import hashlib

from services.video.engines.protocol import Rendering


def content_seed(request: Rendering) -> int:
    """Returns a number of 63 bits that is the same for the same content only.

    Content is the portrait, the speech with its timeline, the prompt, the length without speech, and the
    request's own seed. Pieces of one scene share it, and so do exports of one video in several sizes. Two
    videos do not blink at the same moments, even if they say the same.
    """
    digest = hashlib.sha256()
    for file in (request.portrait, request.speech):
        if file is not None:
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    said = (request.timeline, request.prompt, request.min_seconds, request.seed)
    digest.update(repr(said).encode())
    return int.from_bytes(digest.digest()[:8], "big") >> 1
