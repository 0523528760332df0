"""What somebody may have meant who wrote a name that there is not."""

import difflib
from collections.abc import Iterable

LONGEST_NAME = 100
"""To compare more costs minutes and gigabytes."""


def similar(name: str, known: Iterable[str], most: int) -> list[str]:
    """The known names, in lower case, that are spelled most like it, the best first; none for one too long
    to be a slip of the pen."""
    return difflib.get_close_matches(name.lower(), known, n=most) if len(name) <= LONGEST_NAME else []
