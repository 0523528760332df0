"""What it means for a stage that no bus would ever carry the command that asks for it."""

from likeness.jobs.v1.stages_pb2 import StageRequested
from services.chassis.bus.codec import unpack
from services.chassis.bus.protocol import Envelope
from services.chassis.errors import Reason
from services.gateway.jobs.domain.events import Failed
from services.gateway.jobs.domain.models import Failure


def refusal(envelope: Envelope, message: str) -> tuple[str, Failed] | None:
    """The job's id and the failure of its stage; `None` if the envelope holds no command.

    Asked for again it would be refused again, for ever: the stage fails, and the user is told why.
    """
    command = unpack(envelope)
    if not isinstance(command, StageRequested):
        return None
    stage = command.stage
    failure = Failure(Reason.INVALID_ARGUMENT, f"No worker could be asked for it. {message}")
    return stage.job_id, Failed(stage.stage_id, stage.attempt, "", failure)
