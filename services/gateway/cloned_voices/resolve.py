"""Resolves a request for a cloned voice: finds its recordings and engine, or refuses it."""

from dataclasses import dataclass

from services.chassis.engine_api.spec import EngineSpec
from services.chassis.storage import Artifact
from services.gateway.cloned_voices.requests import VoiceRequest
from services.gateway.engines.catalogue import CONVERT, Catalogue
from services.gateway.http.errors import ApiError
from services.gateway.http.refusals import Refusals
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings, VoiceConsent


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of the person; `field` is the field of the request that gives it."""

    field: str
    artifact: Artifact


@dataclass(frozen=True, slots=True)
class ClonedVoiceSpec:
    """A validated request: its recordings, the TTS engine that makes the voice, and the voice engine that
    judges the recordings."""

    recordings: tuple[Recording, ...]
    engine: EngineSpec
    judge: EngineSpec


def resolve(
    request: VoiceRequest, references: References, catalogue: Catalogue, settings: GatewaySettings
) -> ClonedVoiceSpec:
    """Returns the spec of the request. Raises `ApiError` with everything that is wrong. Does no I/O."""
    check_consent(request, settings.voice_consent)
    refusals = Refusals()
    engine = refusals.attempt(lambda: catalogue.cloning_engine(request.model, "model"))
    judge = refusals.attempt(lambda: catalogue.voice_engine(CONVERT, None, "audio_sample"))
    recordings = [
        refusals.attempt(
            lambda field=field, asset=asset: Recording(
                field, references.asset(asset, "audio", field).artifact
            )
        )
        for field, asset in request.recordings
    ]
    refusals.raise_if_any()
    return ClonedVoiceSpec(tuple(each.result for each in recordings), engine.result, judge.result)


def check_consent(request: VoiceRequest, policy: VoiceConsent) -> None:
    """Raises a 403 unless the operator's policy allows this voice."""
    if policy is VoiceConsent.REFUSED:
        message = "No voices are cloned here: the operator of this server has turned it off."
        raise ApiError(403, "cloning_refused", message)
    if policy is VoiceConsent.STATEMENT and not (request.consent or "").strip():
        message = (
            "A voice is made only with the consent of the person who speaks. Say in consent who has agreed "
            "to what, and when."
        )
        raise ApiError(403, "consent_required", message, "consent")
