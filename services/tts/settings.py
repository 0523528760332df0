"""Settings of the TTS service."""

from services.chassis.settings import WorkerSettings


class TtsSettings(WorkerSettings):
    direct_concurrency: int = 1
    """Engine processes kept for speech that somebody waits for, beside those of the stages."""

    pieces_at_once: int = 2
    """Engine processes that one long script may keep busy, if they are free."""

    check_words_seconds: float = 0.0
    """Of so much of each English speech, from its start, the words are recognised, which takes about a fifth
    of that time; zero leaves it. Needs the package pocketsphinx."""
