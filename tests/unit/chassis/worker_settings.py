"""Settings of a worker that reaches no server."""

from services.chassis.settings import WorkerSettings


def worker_settings(**changes: object) -> WorkerSettings:
    nowhere = {
        "bus_url": "nats://unused",
        "s3_endpoint": "http://unused",
        "s3_access_key": "unused",
        "s3_secret_key": "unused",
    }
    return WorkerSettings.model_validate({**nowhere, **changes})
