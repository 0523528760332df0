import pytest

from services.cli.server_sent_events import EventParser, ServerSentEvent


def parse(text: str, parser: EventParser | None = None) -> list[ServerSentEvent]:
    parser = parser or EventParser()
    return [event for line in text.splitlines() if (event := parser.feed(line)) is not None]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        ("data: a\n\n", [ServerSentEvent("", "message", "a")]),
        ("id: 7\nevent: stage\ndata: a\n\n", [ServerSentEvent("7", "stage", "a")]),
        ("data: a\ndata:  b\n\n", [ServerSentEvent("", "message", "a\n b")]),
        ("data:a\n\n", [ServerSentEvent("", "message", "a")]),
        (": waiting\n\n", []),
        ("event: stage\n\ndata: a\n\n", [ServerSentEvent("", "message", "a")]),
        (
            "id: 1\ndata: a\n\ndata: b\n\n",
            [ServerSentEvent("1", "message", "a"), ServerSentEvent("1", "message", "b")],
        ),
        (
            "id: 1\ndata: a\n\nid\ndata: b\n\n",
            [ServerSentEvent("1", "message", "a"), ServerSentEvent("", "message", "b")],
        ),
        ("id: a\0b\ndata: a\n\n", [ServerSentEvent("", "message", "a")]),
        ("retry: 5\nunknown: x\ndata: a\n\n", [ServerSentEvent("", "message", "a")]),
        ("data: never finished\n", []),
    ],
)
def test_lines_are_parsed_into_events(stream: str, expected: list[ServerSentEvent]) -> None:
    assert parse(stream) == expected


def test_reconnecting_drops_an_incomplete_event_and_keeps_the_last_id() -> None:
    parser = EventParser()
    parse("id: 1\ndata: a\n\nevent: torn\ndata: tor", parser)

    parser.reconnect()

    assert parser.last_id == "1"
    assert parse("id: 2\ndata: b\n\n", parser) == [ServerSentEvent("2", "message", "b")]
