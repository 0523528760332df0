"""Takes names of files out of error texts that clients read: they tell how a server is built."""

import re

_SOURCE = re.compile(r"OpenCV\([^)]*\)\s+\S+?:\d+:\s*")
"""How OpenCV begins an error: its version, and the place in its source."""
_NAME = r"[^\s'\"<>|:;,()\[\]{}]+"
_PATH = re.compile(
    rf"""(?<![\w/.:}}])(?:file:/*)?(?:
        (?:~|\.{{1,2}})?/{_NAME}                    # /io/opencv/resize.cpp, ../engine.py, ~/models
        | [A-Za-z]:[\\/]{_NAME}                      # C:\models
        | (?:[\w.-]+/)+[\w-]+\.[A-Za-z]\w{{0,4}}\b   # modules/resize.cpp
    )(?::\d+)*""",
    re.VERBOSE,
)
_PLACEHOLDER = "[file]"
_KEPT = re.compile(r"/v\d+(?:/|\b)")
"""Paths of the API, which errors name to say what to do."""


def without_paths(text: str) -> str:
    """Returns the text with `[file]` in place of each path, and without the place in OpenCV's source."""
    return _PATH.sub(_replacement, _SOURCE.sub("", text))


def _replacement(match: re.Match[str]) -> str:
    return match[0] if _KEPT.match(match[0]) else _PLACEHOLDER
