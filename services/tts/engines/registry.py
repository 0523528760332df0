"""The engines that come with the TTS service."""

from services.chassis.engine_api.entry import EngineEntry

ENGINES = (EngineEntry("espeak", "services.tts.engines.espeak.engine:EspeakEngine"),)
