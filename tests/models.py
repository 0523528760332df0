"""Marks of tests that need a model which a machine may lack."""

import pytest

from services.voice.engines.whisper_model import is_installed

NEEDS_WHISPER = pytest.mark.skipif(
    not is_installed(),
    reason="needs Whisper: make voices",
)
