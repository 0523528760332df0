"""Speech that is answered at once, straight from the TTS service over gRPC."""

from collections.abc import AsyncGenerator

from grpc import aio

from likeness.tts.v1.tts_pb2 import SynthesisTask, SynthesizeRequest, SynthesizeResponse
from likeness.tts.v1.tts_pb2_grpc import TtsServiceStub
from services.chassis.grpc_client import outgoing_metadata, translated_errors

TIMEOUT_SECONDS = 300.0


class SpeechClient:
    def __init__(self, channel: aio.Channel) -> None:
        self._stub = TtsServiceStub(channel)

    async def synthesize(self, engine: str, task: SynthesisTask) -> AsyncGenerator[SynthesizeResponse, None]:
        """Chunks as they are spoken. Closing the iterator stops the engine.

        Raises what the engine refused, or `EngineUnavailable` if the service does not answer.
        """
        request = SynthesizeRequest(engine=engine, task=task)
        call = self._stub.Synthesize(request, timeout=TIMEOUT_SECONDS, metadata=outgoing_metadata())
        try:
            with translated_errors():
                async for response in call:
                    yield response
        finally:
            call.cancel()
