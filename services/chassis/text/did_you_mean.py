"""Suggestions for misspelled names."""

import difflib
from collections.abc import Iterable

MAX_NAME_LENGTH = 100
"""Longest name that is compared: longer ones cost minutes and gigabytes."""


def similar(name: str, known: Iterable[str], max_results: int) -> list[str]:
    """Returns the known names most similar to `name` in lower case, the best first.

    Returns an empty list for a name too long to be a misspelling.
    """
    return (
        difflib.get_close_matches(name.lower(), known, n=max_results) if len(name) <= MAX_NAME_LENGTH else []
    )
