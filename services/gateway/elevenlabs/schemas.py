"""Request and response models of ElevenLabs' API. Fields of theirs that are not here are ignored."""

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.chassis.engine_api.timeline import Emotion
from services.chassis.text.markup import Markup
from services.chassis.text.quoted import quoted
from services.gateway.effects.chains import EffectChain
from services.gateway.http.errors import invalid
from services.gateway.speech.alignment import CharacterTimes
from services.gateway.speech.formats import ELEVENLABS_FORMATS, AudioTarget

DEFAULT_FORMAT = "mp3_44100_128"


def target_of(
    output_format: Annotated[
        str, Query(description="Codec, rate and bit rate, such as mp3_44100_128, pcm_16000 or ulaw_8000.")
    ] = DEFAULT_FORMAT,
) -> AudioTarget:
    """Returns the format of that name. Raises a 422 for an unknown name."""
    target = ELEVENLABS_FORMATS.get(output_format)
    if target is None:
        names = ", ".join(ELEVENLABS_FORMATS)
        message = f"There is no output format {quoted(output_format)}. Use one of: {names}."
        raise invalid("output_format_unknown", message, "output_format")
    return target


Target = Annotated[AudioTarget, Depends(target_of)]


class VoiceSettings(BaseModel):
    """Settings of a voice. Stability, style and speaker boost are accepted and ignored."""

    model_config = ConfigDict(allow_inf_nan=False)

    speed: float = Field(
        default=1.0, ge=0.25, le=4.0, description="Speed of the speech: 1 is the voice's own."
    )
    similarity_boost: float = Field(
        default=1.0, ge=0, le=1, description="Speech to speech: how far to move towards the voice."
    )


class TextToSpeechRequest(BaseModel):
    """A text to be spoken at once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"text": "Hello! Nice to meet you."},
                {
                    "text": "[happy] The parcel is here, at last.",
                    "voice_settings": {"speed": 1.1},
                    "effects": ["radio"],
                },
            ]
        }
    )

    text: str = Field(min_length=1, description="The text to speak.")
    model_id: str | None = Field(default=None, description="A TTS engine of GET /v1/models.")
    voice_settings: VoiceSettings | None = Field(default=None, description="How the voice speaks.")
    ssml: bool = Field(default=False, description="Not in ElevenLabs' API, like emotion and effects.")
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

    @model_validator(mode="before")
    @classmethod
    def refuses_unsupported_fields(cls, value: Any) -> Any:
        """Raises ValueError for fields that would change the sound and are not supported."""
        if isinstance(value, dict):
            for name, instead in INSTEAD.items():
                if value.get(name):  # pyright: ignore[reportUnknownMemberType] - JSON
                    raise ValueError(f"{name} is not supported here. {instead}")
        return value  # pyright: ignore[reportUnknownVariableType] - JSON


INSTEAD = {
    "pronunciation_dictionary_locators": "Words of PUT /v1/lexicon/{word} are always said as it says.",
    "audio_effects": "Use effects, with names of GET /v1/effects.",
}


class CharacterAlignment(BaseModel):
    characters: list[str]
    character_start_times_seconds: list[float]
    character_end_times_seconds: list[float]

    @classmethod
    def of(cls, times: CharacterTimes) -> "CharacterAlignment":
        return cls(
            characters=list(times.characters),
            character_start_times_seconds=[round(each, 3) for each in times.starts],
            character_end_times_seconds=[round(each, 3) for each in times.ends],
        )


class AudioWithTimestamps(BaseModel):
    """Speech and the times of its characters.

    Both alignments are those of the text as it was sent: words keep their spelling.
    """

    audio_base64: str
    alignment: CharacterAlignment
    normalized_alignment: CharacterAlignment
