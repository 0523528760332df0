"""Marks of tests that need a model which a machine may lack."""

import pytest

from services.voice.engines.whisper_model import MODEL, is_installed

NEEDS_WHISPER = pytest.mark.skipif(
    not is_installed(),
    reason=f"needs Whisper: pip install 'likeness[whisper]' && likeness models pull {MODEL}",
)
