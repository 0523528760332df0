"""Request model of `POST /v1/audio/speech`, and the events of its `stream_format` `sse`."""

from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.chassis.engine_api.timeline import Emotion, TimedPhoneme, TimedWord
from services.chassis.text.markup import Markup
from services.gateway.effects.chains import EffectChain
from services.gateway.speech.client import SpokenChunk
from services.gateway.speech.formats import AudioFormat


class SpeechRequest(BaseModel):
    """A text to be spoken at once."""

    model_config = ConfigDict(
        allow_inf_nan=False,
        json_schema_extra={
            "examples": [
                {"input": "Hello! Nice to meet you."},
                {
                    "input": "[happy] The parcel is here, at last.",
                    "voice": "en-us",
                    "response_format": "wav",
                    "speed": 1.1,
                    "pitch_semitones": -1,
                    "effects": ["radio"],
                },
            ]
        },
    )

    input: str = Field(min_length=1, description="The text to speak.")
    model: str | None = Field(
        default=None, description="A TTS engine of GET /v1/models, or a model of OpenAI's."
    )
    voice: str | None = Field(
        default=None,
        description="An id of GET /v1/voices, or a voice of OpenAI's; by default the best for the language.",
    )
    response_format: AudioFormat = Field(default="mp3", description="The kind of audio that is sent.")
    stream_format: Literal["audio", "sse"] = Field(
        default="audio",
        description="sse: events `speech.audio.timing`, `speech.audio.delta` and, at the end, "
        "`speech.audio.done`.",
    )
    speed: float = Field(
        default=1.0, ge=0.25, le=4.0, description="Speed of the speech: 1 is the voice's own."
    )
    pitch_semitones: float = Field(
        default=0.0, ge=-24, le=24, description="Semitones by which the voice is spoken higher, or lower."
    )
    ssml: bool = Field(default=False, description="The text is SSML.")
    markup: Markup = Field(
        default=Markup.AUTO,
        description="`auto` leaves the marks of Markdown out of the text; `plain` reads them.",
    )
    emotion: Emotion = Field(
        default=Emotion.NEUTRAL, description="Emotion, until the text names another as in `[happy] Hello.`"
    )
    effects: EffectChain | None = Field(
        default=None, description="What is done to the sound: names of GET /v1/effects, and steps, in order."
    )
    instructions: str | None = Field(default=None, description="Accepted and ignored.")

    @field_validator("voice", mode="before")
    @classmethod
    def by_id(cls, value: Any) -> Any:
        """Returns the voice's id: the `openai` client also sends `{"id": …}`."""
        return cast(dict[str, Any], value).get("id") if isinstance(value, dict) else value


class Word(BaseModel):
    """A word with its times in seconds from the start of the speech."""

    word: str
    start: float
    end: float


class Phoneme(BaseModel):
    phoneme: str = Field(description="One IPA phoneme.")
    start: float
    end: float
    stress: Literal["none", "secondary", "primary"]


class SpeechTimingEvent(BaseModel):
    """Words and phonemes that begin in the audio that comes next. Not in OpenAI's API."""

    type: Literal["speech.audio.timing"] = "speech.audio.timing"
    words: list[Word]
    phonemes: list[Phoneme]

    @classmethod
    def of(cls, chunk: SpokenChunk) -> "SpeechTimingEvent":
        return cls(
            words=[Word(word=each.text, **times_of(each)) for each in chunk.words],
            phonemes=[
                Phoneme.model_validate(
                    {"phoneme": each.ipa, "stress": each.stress.name.lower(), **times_of(each)}
                )
                for each in chunk.phonemes
            ],
        )


def times_of(item: TimedWord | TimedPhoneme) -> dict[str, float]:
    return {"start": round(item.start, 4), "end": round(item.end, 4)}


class SpeechDeltaEvent(BaseModel):
    type: Literal["speech.audio.delta"] = "speech.audio.delta"
    audio: str = Field(description="The next bytes of the audio, as base64.")


class SpeechUsage(BaseModel):
    """Usage in OpenAI's shape. There are no tokens here: each character of the input counts as one, and the
    audio as none."""

    input_tokens: int
    output_tokens: int = 0
    total_tokens: int
    seconds: float = Field(description="Length of the speech.")


class SpeechDoneEvent(BaseModel):
    type: Literal["speech.audio.done"] = "speech.audio.done"
    usage: SpeechUsage


class SpeechError(BaseModel):
    code: str
    message: str


class SpeechErrorEvent(BaseModel):
    """Sent in place of `speech.audio.done` if the speech fails."""

    type: Literal["error"] = "error"
    error: SpeechError
