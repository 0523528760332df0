"""The engines that come with the voice service."""

from services.chassis.engine_api.entry import EngineEntry

ENGINES = (
    EngineEntry("world", "services.voice.engines.world.engine:WorldEngine"),
    EngineEntry("effects", "services.voice.engines.effects.engine:EffectsEngine"),
    EngineEntry("sphinx", "services.voice.engines.sphinx.engine:SphinxEngine"),
    EngineEntry("whisper", "services.voice.engines.whisper.engine:WhisperEngine", extra="whisper"),
)
