"""The core of the voice service."""

from collections.abc import AsyncGenerator

from services.chassis.engine import Progress
from services.chassis.engine_host import EnginePool
from services.voice.engines.protocol import Conversion, ConvertedSpeech


def convert(engine: EnginePool, conversion: Conversion) -> AsyncGenerator[Progress | ConvertedSpeech]:
    """Progress, then the converted speech."""
    return engine.run("convert", conversion)
