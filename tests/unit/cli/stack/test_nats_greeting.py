import pytest

from services.cli.stack.servers.nats import has_jetstream


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [
        (b'INFO {"server_name":"likeness","jetstream":true}\r\n', True),
        (b'INFO {"server_name":"likeness","jetstream":false}\r\n', False),
        (b'INFO {"server_name":"likeness"}\r\n', False),
        (b"INFO not json\r\n", False),
        (b"HTTP/1.1 400 Bad Request\r\n", False),
        (b"", False),
    ],
)
def test_a_greeting_tells_whether_jetstream_is_on(greeting: bytes, expected: bool) -> None:
    assert has_jetstream(greeting) is expected
