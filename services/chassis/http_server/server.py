"""Configures uvicorn with the guarded protocol."""

import functools
import math
import resource
from typing import Any

import structlog
import uvicorn

from services.chassis.http_server.connections import Connections
from services.chassis.http_server.limits import ConnectionLimits
from services.chassis.http_server.protocol import GuardedProtocol
from services.chassis.http_server.refusals import Render, render_plainly

OTHER_FILES = 256
"""Files and sockets that a process needs besides the connections to its server."""
BACKLOG = 512
"""Connections that wait to be accepted. The event loop accepts all that wait at once, and does nothing else
meanwhile."""
MAX_FILES = 65_536
MIN_CONNECTIONS = 16
"""Connections that are taken however few files the process may open."""
log = structlog.get_logger()


def build_config(
    app: Any, host: str, port: int, limits: ConnectionLimits, render: Render = render_plainly, **options: Any
) -> uvicorn.Config:
    """Returns the configuration of a server that keeps the limits and does not name itself.

    `X-Forwarded-For` and `X-Forwarded-Proto` count when they come from a trusted proxy.
    """
    protocol = functools.partial(GuardedProtocol, limits=limits, registry=Connections(limits), render=render)
    proxies = [str(network) for network in limits.trusted_proxies]
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        http=protocol,  # pyright: ignore[reportArgumentType] - uvicorn only calls it
        ws="none",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_keep_alive=math.ceil(limits.idle_seconds),
        **options,
    )


def raise_file_limit(connections: int) -> int:
    """Raises this process's limit of open files as far as it may. Returns for how many of `connections` that
    is enough."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    if soft == resource.RLIM_INFINITY:
        return connections
    enough = min(connections, max(MIN_CONNECTIONS, soft - OTHER_FILES))
    if enough < connections:
        log.warning("http.connections_limited_by_files", files=soft, connections=enough)
    return enough
