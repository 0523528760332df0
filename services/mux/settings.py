"""Settings of the mux service."""

from services.chassis.settings import WorkerSettings


class MuxSettings(WorkerSettings):
    pass
