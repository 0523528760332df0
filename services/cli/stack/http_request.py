"""Sends a single HTTP request with the standard library.

The servers of a stack are asked again and again while they start; importing a client library would slow them.
"""

import asyncio
import http.client
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

REQUEST_SECONDS = 10.0
REQUEST_ERRORS = (OSError, http.client.HTTPException)
"""The errors of a server that does not respond, or not in HTTP."""
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


async def request(
    url: str, *, method: str = "GET", headers: Mapping[str, str] = _NO_HEADERS, body: bytes = b""
) -> tuple[int, bytes]:
    """Returns the status and the body of the response. Raises one of `REQUEST_ERRORS` if there is none."""
    return await asyncio.to_thread(_request, method, url, headers, body)


def _request(method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=REQUEST_SECONDS)
    try:
        connection.request(method, parts.path, body or None, dict(headers))
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
