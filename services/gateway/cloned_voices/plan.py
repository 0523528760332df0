"""Plans the stage that makes a voice. Pure."""

from services.gateway.cloned_voices.resolve import ClonedVoiceSpec
from services.gateway.jobs.domain.job_plan import PlannedStage
from services.gateway.jobs.domain.models import InputSource

STAGE = "clone"
REFERENCE = "reference"


def plan(spec: ClonedVoiceSpec) -> tuple[PlannedStage, ...]:
    """Returns the only stage. Its time does not depend on the length of the recordings."""
    inputs: dict[str, InputSource] = {
        f"{REFERENCE}.{number}" if number else REFERENCE: each.artifact
        for number, each in enumerate(spec.recordings)
    }
    return (PlannedStage(STAGE, spec.engine, {"cloning": {}}, inputs),)
