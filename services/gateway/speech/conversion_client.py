"""Converts voices with the voice service over gRPC, for responses that wait for the result."""

from collections.abc import Mapping

from grpc import aio

from likeness.voice.v1.voice_pb2 import ConversionTask, ConvertRequest, InspectReferenceRequest
from likeness.voice.v1.voice_pb2_grpc import VoiceServiceStub
from services.chassis.contracts.jobs import artifact_from_proto, artifact_to_proto
from services.chassis.errors import LikenessError
from services.chassis.grpc.client import outgoing_metadata, translated_errors
from services.chassis.storage import Artifact
from services.gateway.http.inspection_errors import INSPECTION_SECONDS, refusals_only

TIMEOUT_SECONDS = 300.0


class ConversionClient:
    """Client of the voice service."""

    def __init__(self, channel: aio.Channel) -> None:
        self._stub = VoiceServiceStub(channel)

    async def convert(
        self, workspace: str, engine: str, task: ConversionTask, inputs: Mapping[str, Artifact]
    ) -> dict[str, Artifact]:
        """Returns the outputs of the stage that `task` describes. Cancelling it stops the engine.

        Raises the engine's refusal, or `EngineUnavailable` if the service does not respond.
        """
        request = ConvertRequest(
            workspace_id=workspace,
            engine=engine,
            task=task,
            inputs={name: artifact_to_proto(artifact) for name, artifact in inputs.items()},
        )
        call = self._stub.Convert(request, timeout=TIMEOUT_SECONDS, metadata=outgoing_metadata())
        try:
            with translated_errors():
                async for response in call:
                    if response.outputs:
                        outputs = response.outputs.items()
                        return {name: artifact_from_proto(each) for name, each in outputs}
        finally:
            call.cancel()
        raise LikenessError("The voice service ended without a result.")

    async def inspect(self, engine: str, reference: Artifact) -> None:
        """Raises the engine's refusal of the reference."""
        request = InspectReferenceRequest(engine=engine, reference=artifact_to_proto(reference))
        with refusals_only("reference", engine):
            await self._stub.InspectReference(
                request, timeout=INSPECTION_SECONDS, metadata=outgoing_metadata()
            )
