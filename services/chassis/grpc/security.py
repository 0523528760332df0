"""Tokens and certificates of gRPC: what a server asks of its callers, and what a client shows."""

import hmac
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import grpc
from grpc import aio

from services.chassis.errors import InvalidArgument
from services.chassis.settings import ServiceSettings, WorkerSettings

AUTHORIZATION = "authorization"
_OPEN_METHODS = frozenset({"/grpc.health.v1.Health/Check"})
"""Methods that need no token: a probe learns that the service runs, and nothing else."""
_REFUSAL = "This service needs the token of LIKENESS_GRPC_TOKEN in the metadata `authorization: Bearer …`."
Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Any]]


class TokenInterceptor(aio.ServerInterceptor):
    """Refuses calls without the token, before a byte of their request is read."""

    def __init__(self, token: str) -> None:
        self._expected = _bearer(token).encode()

    async def intercept_service(
        self, continuation: Continuation, handler_call_details: grpc.HandlerCallDetails
    ) -> Any:
        if handler_call_details.method in _OPEN_METHODS or self._has_token(handler_call_details):
            return await continuation(handler_call_details)
        # Takes calls of every type: it is called before the first request has arrived.
        return grpc.stream_stream_rpc_method_handler(  # pyright: ignore[reportUnknownVariableType]
            _refuse
        )

    def _has_token(self, details: grpc.HandlerCallDetails) -> bool:
        metadata = dict(details.invocation_metadata or ())
        given = metadata.get(AUTHORIZATION, "")
        return hmac.compare_digest(given.encode() if isinstance(given, str) else given, self._expected)


async def _refuse(_requests: object, context: Any) -> None:
    await context.abort(grpc.StatusCode.UNAUTHENTICATED, _REFUSAL)


class TokenChannel:
    """A channel that sends the token with each call. It makes the calls that our contracts have."""

    def __init__(self, channel: aio.Channel, token: str) -> None:
        self._channel = channel
        self._authorization = (AUTHORIZATION, _bearer(token))

    def unary_unary(self, *arguments: Any, **options: Any) -> Callable[..., Any]:
        return self._with_token(self._channel.unary_unary(*arguments, **options))

    def unary_stream(self, *arguments: Any, **options: Any) -> Callable[..., Any]:
        return self._with_token(self._channel.unary_stream(*arguments, **options))

    async def __aenter__(self) -> "TokenChannel":
        await self._channel.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._channel.__aexit__(*error)

    def _with_token(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def authorized(request: Any, *, metadata: Any = (), **options: Any) -> Any:
            return call(request, metadata=(*metadata, self._authorization), **options)

        return authorized


def open_channel(target: str, settings: ServiceSettings) -> aio.Channel:
    """Returns a channel to `host:port` or `unix:/path`, with token and certificate of the settings."""
    credentials = _client_credentials(settings)
    channel = aio.secure_channel(target, credentials) if credentials else aio.insecure_channel(target)
    if (token := _token(settings)) is None:
        return channel
    # The generated stubs want the library's own class, but call these two methods only.
    return cast(aio.Channel, TokenChannel(channel, token))


def listen(server: aio.Server, address: str, settings: ServiceSettings) -> int:
    """Has the server listen on the address, by TLS if the settings name a certificate. Returns the port."""
    credentials = _server_credentials(settings)
    if credentials is None:
        return server.add_insecure_port(address)
    return server.add_secure_port(address, credentials)


def require_protection(settings: WorkerSettings) -> None:
    """Raises `InvalidArgument` for a port that would answer everyone, unless the environment is `dev`."""
    open_to_all = _token(settings) is None and not (settings.grpc_tls_cert and settings.grpc_tls_ca)
    if settings.environment != "dev" and not settings.grpc_socket and open_to_all:
        raise InvalidArgument(
            "Anyone who reaches the gRPC port could use this service. Set LIKENESS_GRPC_TOKEN to the same "
            "long random text for workers and gateway, such as the output of `openssl rand -hex 32`; or set "
            "LIKENESS_GRPC_TLS_CA, LIKENESS_GRPC_TLS_CERT and LIKENESS_GRPC_TLS_KEY, so that callers need a "
            "certificate; or serve on a unix socket by LIKENESS_GRPC_SOCKET."
        )


def server_interceptors(settings: ServiceSettings) -> list[aio.ServerInterceptor]:
    """Returns what checks calls before all others; nothing if there is no token."""
    token = _token(settings)
    return [] if token is None else [TokenInterceptor(token)]


def _token(settings: ServiceSettings) -> str | None:
    """Returns the token; `None` if it is empty, as a variable that is set to nothing leaves it."""
    return (settings.grpc_token.get_secret_value() or None) if settings.grpc_token else None


def _server_credentials(settings: ServiceSettings) -> grpc.ServerCredentials | None:
    """With an authority, callers must show a certificate that it has signed."""
    pair = _key_pair(settings)
    if pair is None:
        return None
    authority = _read(settings.grpc_tls_ca)
    return grpc.ssl_server_credentials([pair], authority, require_client_auth=authority is not None)


def _client_credentials(settings: ServiceSettings) -> grpc.ChannelCredentials | None:
    """The server's certificate must be signed by the authority; ours is shown if there is one."""
    if not settings.grpc_tls_ca:
        return None
    key, certificate = _key_pair(settings) or (None, None)
    return grpc.ssl_channel_credentials(_read(settings.grpc_tls_ca), key, certificate)


def _key_pair(settings: ServiceSettings) -> tuple[bytes, bytes] | None:
    key, certificate = _read(settings.grpc_tls_key), _read(settings.grpc_tls_cert)
    if key is None and certificate is None:
        return None
    if key is None or certificate is None:
        raise InvalidArgument("Set both LIKENESS_GRPC_TLS_CERT and LIKENESS_GRPC_TLS_KEY, or neither.")
    return key, certificate


def _read(path: str) -> bytes | None:
    """Raises `InvalidArgument` if there is no such file."""
    if not path:
        return None
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidArgument(
            f"The file {path} of LIKENESS_GRPC_TLS_… cannot be read: {error.strerror}."
        ) from error


def _bearer(token: str) -> str:
    return f"Bearer {token}"
