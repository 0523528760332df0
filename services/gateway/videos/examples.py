"""Examples of requests for videos."""

from typing import Any

PORTRAIT = "asset_5f2b7c9d1e3a4b6c8d0e1f2a"
RECORDING = "asset_0a1b2c3d4e5f6a7b8c9d0e1f"
EXAMPLES: tuple[dict[str, Any], ...] = (
    {"script": "Hello! Nice to meet you.", "image": PORTRAIT},
    {
        "title": "Spring news",
        "image": PORTRAIT,
        "voice": "en-us",
        "size": "1280x720",
        "scenes": [
            {"script": "[happy] Spring is here!", "prompt": "zoom in, smile", "effects": ["radio"]},
            {"audio": RECORDING, "transcript": "And so are we.", "language": "en"},
            {"prompt": "nod", "seconds": 2},
        ],
        "output": {"fps": 30, "fit": "pad", "background": "#20a0ff", "loudness_lufs": -14, "seed": 7},
        "priority": "batch",
        "metadata": {"campaign": "spring"},
    },
)
"""A small request and one with many fields."""
