"""`POST /v1/speech-to-text`: recordings become text, in the shape of ElevenLabs' API."""

import secrets
from collections.abc import Iterator
from itertools import pairwise
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Request, UploadFile
from pydantic import BaseModel

from services.chassis.engine_api.timeline import TimedWord
from services.chassis.engine_api.transcript import Transcript
from services.gateway.components import Wired
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import errors
from services.gateway.http.disconnect import while_connected
from services.gateway.http.errors import invalid
from services.gateway.http.guarded_route import UploadRoute
from services.gateway.speech.slots import Slot
from services.gateway.transcriptions.recognition import FAILURES, TranscriptionRequest, transcribe

router = APIRouter(prefix="/v1", tags=["elevenlabs"], dependencies=REQUIRES_KEY, route_class=UploadRoute)
ALIASES = frozenset({"scribe_v1", "scribe_v1_experimental", "scribe_v2"})
"""ElevenLabs' names of models, each of which stands for the default engine."""
LONG_CODES = {"en": "eng"}
"""ISO 639-3 codes, which ElevenLabs' API answers with, by BCP 47 tags."""
SHORT_CODES = {long: short for short, long in LONG_CODES.items()}
FIELDS = ("file", "model_id", "language_code")


class TranscribedWord(BaseModel):
    """A word, or the space between two."""

    text: str
    start: float
    end: float
    type: Literal["word", "spacing"] = "word"
    speaker_id: str | None = None
    logprob: float = 0.0


class SpeechToTextResponse(BaseModel):
    """A transcript. The language is the one that was asked for: it is not detected."""

    language_code: str
    language_probability: float = 1.0
    text: str
    words: list[TranscribedWord]
    transcription_id: str
    audio_duration_secs: float

    @classmethod
    def of(cls, transcript: Transcript) -> "SpeechToTextResponse":
        return cls(
            language_code=LONG_CODES.get(transcript.language, transcript.language),
            text=transcript.text,
            words=list(spaced(transcript.words)),
            transcription_id=f"transcription_{secrets.token_hex(12)}",
            audio_duration_secs=round(transcript.duration, 3),
        )


def spaced(words: tuple[TimedWord, ...]) -> Iterator[TranscribedWord]:
    """Yields the words with the spaces between them."""
    for word, following in pairwise((*words, None)):
        assert word is not None
        yield TranscribedWord(text=word.text, start=round(word.start, 3), end=round(word.end, 3))
        if following is not None:
            start, end = round(word.end, 3), round(following.start, 3)
            yield TranscribedWord(text=" ", start=start, end=end, type="spacing")


@router.post("/speech-to-text", responses=errors(*FAILURES, {422: "field_unsupported"}))
async def speech_to_text(
    request: Request,
    workspace: Workspace,
    components: Wired,
    slot: Slot,
    file: Annotated[UploadFile, File(description="The recording.")],
    model_id: Annotated[
        str | None,
        Form(description="A voice engine of GET /v1/engines, or a name of ElevenLabs', such as `scribe_v1`."),
    ] = None,
    language_code: Annotated[
        str, Form(max_length=35, description="BCP 47 tag or ISO 639-3 code; English if it is left out.")
    ] = "",
    file_format: Annotated[str, Form(description="pcm_s16le_16: raw mono samples at 16 kHz.")] = "other",
    diarize: Annotated[bool, Form(description="Only false: speakers are not told apart.")] = False,
    use_multi_channel: Annotated[bool, Form(description="Only false: channels are mixed.")] = False,
    webhook: Annotated[bool, Form(description="Only false: the response has the transcript.")] = False,
) -> SpeechToTextResponse:
    """Transcribe a recording. The response comes when all of it has been heard."""
    refused = {"diarize": diarize, "use_multi_channel": use_multi_channel, "webhook": webhook}
    for name in (name for name, wanted in refused.items() if wanted):
        raise invalid("field_unsupported", f"{name} is not supported here. Leave it out.", name)
    wanted = TranscriptionRequest(
        file,
        None if model_id in ALIASES else model_id,
        SHORT_CODES.get(language_code, language_code),
        raw=file_format == "pcm_s16le_16",
        fields=FIELDS,
    )
    transcript = await while_connected(request, transcribe(components, workspace, wanted))
    return SpeechToTextResponse.of(transcript)
