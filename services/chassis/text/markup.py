"""Names what is done with the marks of Markdown in a script."""

from enum import StrEnum


class Markup(StrEnum):
    AUTO = "auto"
    """Marks of Markdown are left out, and their text is read."""
    PLAIN = "plain"
    """Everything is read as it is written."""
