"""The engines that come with the TTS service."""

from services.chassis.engine_api.entry import EngineEntry

ESPEAK_RUNS = 1000
"""Pieces after which a process of espeak is replaced, because the library leaks."""
ENGINES = (
    EngineEntry("espeak", "services.tts.engines.espeak.engine:EspeakEngine", max_runs=ESPEAK_RUNS),
    EngineEntry("hibari", "services.tts.engines.hibari.engine:HibariEngine"),
    # It pronounces some languages by espeak's library.
    EngineEntry(
        "kokoro", "services.tts.engines.kokoro.engine:KokoroEngine", extra="kokoro", max_runs=ESPEAK_RUNS
    ),
)
