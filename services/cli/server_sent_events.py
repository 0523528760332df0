"""Parses the text/event-stream format (WHATWG HTML, section 9.2), line by line."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """A complete event of a stream."""

    id: str
    type: str
    data: str


@dataclass(slots=True)
class EventParser:
    """Parses the lines of one connection after the other; `last_id` is where the next one continues."""

    last_id: str = ""
    _id: str = ""
    _type: str = ""
    _data: list[str] = field(default_factory=list[str])

    def feed(self, line: str) -> ServerSentEvent | None:
        """Returns the event that this line completes, or `None`. An event without data is dropped."""
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "id" if "\0" not in value:
                self._id = value
            case "event":
                self._type = value
            case "data":
                self._data.append(value)
            case _:
                # A comment or an unknown field, which the format says to ignore.
                pass
        return None

    def reconnect(self) -> None:
        """Drops an incomplete event. `last_id` is still the one before, so the server sends it again."""
        self._id, self._type, self._data = self.last_id, "", []

    def _dispatch(self) -> ServerSentEvent | None:
        self.last_id = self._id
        event = ServerSentEvent(self.last_id, self._type or "message", "\n".join(self._data))
        complete = bool(self._data)
        self.reconnect()
        return event if complete else None
