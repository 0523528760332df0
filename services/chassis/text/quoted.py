"""Quotes what a user has sent, in messages."""

MAX_CHARACTERS = 100


def quoted(value: object) -> str:
    """Returns the value as Python writes it, of a long one the first `MAX_CHARACTERS` and how many there are.

    Use it wherever a message repeats what a user has sent: a message must not be as long as a request.
    """
    text = value if isinstance(value, str) else str(value)
    if len(text) <= MAX_CHARACTERS:
        return repr(text)
    return f"{text[:MAX_CHARACTERS]!r}… ({len(text)} characters)"


def shortened(text: str) -> str:
    """Returns the text, of a long one the first `MAX_CHARACTERS` and an ellipsis."""
    return text if len(text) <= MAX_CHARACTERS else f"{text[:MAX_CHARACTERS]}…"
