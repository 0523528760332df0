"""Settings of the voice service."""

from services.chassis.settings import WorkerSettings


class VoiceSettings(WorkerSettings):
    pass
