"""Converts a command that the bus rejects permanently into the failure of its stage."""

from likeness.jobs.v1.stages_pb2 import StageRequested
from services.chassis.bus.codec import unpack
from services.chassis.bus.protocol import Envelope
from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed
from services.gateway.jobs.domain.models import Failure


def command_failure(envelope: Envelope, message: str) -> tuple[str, Failed] | None:
    """Returns the job's id and the failure of its stage; `None` if the envelope holds no command.

    The bus would reject every later attempt too: the stage fails, and its failure tells the user why.
    """
    command = unpack(envelope)
    if not isinstance(command, StageRequested):
        return None
    stage = command.stage
    failure = Failure(Reason.INVALID_ARGUMENT, f"No worker could be asked for it. {message}")
    return stage.job_id, Failed(stage.stage_id, stage.attempt, "", failure)
