"""Settings of the TTS service."""

from services.chassis.settings import WorkerSettings


class TtsSettings(WorkerSettings):
    direct_concurrency: int = 1
    """Engine processes reserved for direct synthesis over gRPC, beside those of the stages."""

    pieces_at_once: int = 2
    """Maximum number of engine processes that one long script uses at once, if they are free."""

    check_words_seconds: float = 0.0
    """Seconds of each English speech, from its start, whose words a recogniser checks; 0 turns it off.

    The check takes about a twentieth of that time and needs the package pocketsphinx.
    """
