"""Message headers, compared with those of the client of nats-py."""

import pytest
from nats.aio.client import Client

from services.chassis.bus.nats.client import FastHeaderClient, header_lines

BLOCKS = [
    b"ce-id: 1\r\nce-type: likeness.jobs.v1.StageRequested\r\n\r\n",
    b"Name:value\r\nOther:\t value \r\n",
    b"time: 12:30:05\r\nempty:\r\n",
    "caf\u00e9: x\r\nname: caf\u00e9\r\n".encode(),
    b"a b: x\r\nno colon\r\n\r\nbroken: \xff\r\n",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_headers_are_read_as_the_client_reads_them(block: bytes) -> None:
    read, usual = FastHeaderClient._parse_header_lines, Client._parse_header_lines  # pyright: ignore[reportPrivateUsage]
    assert read(block) == usual(block)


def test_headers_are_written_one_a_line() -> None:
    assert header_lines({"ce-id": "1", "x": "y: z"}) == b"NATS/1.0\r\nce-id: 1\r\nx: y: z\r\n\r\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [("a", "b\r\nc: d"), ("a", "b\nc"), ("a", "b\rc"), ("a: b", "c"), ("", "a"), ("a\r\nb", "c")],
)
def test_headers_that_the_wire_form_would_change_are_left_to_the_client(name: str, value: str) -> None:
    assert header_lines({name: value}) is None
