"""Request fields of speech, for every kind of job that speaks: script or recording, voice and manner."""

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import ClassVar, TypeVar

from pydantic import Field

from services.chassis.engine_api.timeline import Emotion
from services.chassis.text.markup import Markup
from services.gateway.effects.chains import EffectChain
from services.gateway.http.errors import ApiError, renamed
from services.gateway.intake.given_fields import name_where_given
from services.gateway.jobs.request import Strict


class Conversion(Strict):
    """Conversion of the voice after the script was spoken. `reference` is a recording of the voice to move
    towards."""

    engine: str | None = Field(
        default=None, description="A voice engine of GET /v1/engines; by default the first that converts."
    )
    reference: str | None = Field(
        default=None, description="An audio asset: a recording of the voice to move towards."
    )
    pitch_semitones: float = Field(
        default=0.0, ge=-24, le=24, description="Semitones by which the voice becomes higher, or lower."
    )
    formant_scale: float = Field(
        default=1.0, ge=0.5, le=2.0, description="Above 1 the voice sounds smaller, below 1 larger."
    )
    strength: float = Field(
        default=1.0, ge=0, le=1, description="How far to move towards the reference; 0 stays as it was."
    )


class SpeechFields(Strict):
    """Speech of one scene. A scene takes the fields that it leaves out from the request as a whole."""

    NOTHING_TO_SAY: ClassVar[str] = "There is nothing to say. Give a script or audio."

    script: str | None = Field(default=None, description="The text to speak.")
    voice: str | None = Field(
        default=None,
        description="An id of GET /v1/voices, such as heart; by default the best for the script's language.",
    )
    speed: float | None = Field(
        default=None, ge=0.25, le=4, description="Speed of the speech: 1, the default, is the voice's own."
    )
    pitch_semitones: float | None = Field(
        default=None, ge=-24, le=24, description="Semitones by which the voice is spoken higher, or lower."
    )
    ssml: bool | None = Field(default=None, description="The script is SSML.")
    markup: Markup | None = Field(
        default=None,
        description="`auto`, the default, leaves the marks of Markdown out of a script; `plain` reads them.",
    )
    emotion: Emotion | None = Field(
        default=None,
        description="Emotion of voice and face, until the script names another as in `[happy] Hello.`",
    )
    audio: str | None = Field(default=None, description="An audio asset to speak instead of a script.")
    conversion: Conversion | None = Field(
        default=None, description="How the voice is changed after it was spoken, before the effects."
    )
    effects: EffectChain | None = Field(
        default=None, description="What is done to the sound: names of GET /v1/effects, and steps, in order."
    )

    @property
    def spoken_text(self) -> str | None:
        """The text that is spoken; `None` for a recording, and if nothing is said."""
        return None if self.audio is not None else self.script

    @property
    def is_silent(self) -> bool:
        """Returns whether the scene has no speech."""
        return False


SHARED_FIELDS = frozenset(
    {"voice", "speed", "pitch_semitones", "ssml", "markup", "emotion", "conversion", "effects"}
)
"""Fields that a scene takes from the request if it leaves them out."""
S = TypeVar("S", bound=SpeechFields)


def with_defaults(scene: S, request: SpeechFields, shared: Iterable[str] = SHARED_FIELDS) -> S:
    """Returns the scene with the shared fields that it leaves out taken from the request."""
    inherited = {name: getattr(request, name) for name in shared if getattr(scene, name) is None}
    return scene.model_copy(update=inherited)


def paths_of(scenes: Sequence[S], *, many: bool) -> Iterator[tuple[str, S]]:
    """Yields the scenes with what precedes the names of their fields in refusals: nothing unless `many`."""
    for number, scene in enumerate(scenes):
        yield f"scenes.{number}." if many else "", scene


@contextmanager
def named_where_given(scene: SpeechFields, request: SpeechFields, path: str) -> Generator[None]:
    """Re-raises refusals of the scene's fields with the names under which the request gives them."""
    try:
        yield
    except ApiError as exc:
        given = dict(scene), dict(request)
        raise renamed(exc, lambda param: name_where_given(param, *given, path)) from exc
