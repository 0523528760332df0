"""The engines that come with the TTS service."""

from services.chassis.engine_host.registry import EngineEntry

ENGINES = (EngineEntry("espeak", "services.tts.engines.espeak.engine:EspeakEngine"),)
