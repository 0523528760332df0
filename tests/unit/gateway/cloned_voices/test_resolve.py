"""Requests for cloned voices: what is resolved, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from services.gateway.assets.media import MediaKind, ProbedMedia
from services.gateway.assets.repository import Asset
from services.gateway.cloned_voices.plan import plan
from services.gateway.cloned_voices.requests import VoiceRequest
from services.gateway.cloned_voices.resolve import resolve
from services.gateway.engines.catalogue import Catalogue
from services.gateway.http.errors import ApiError
from services.gateway.intake.references import References
from services.gateway.settings import GatewaySettings, VoiceConsent
from tests.unit.gateway.jobs.job_examples import NOW, TTS, VOICE, build_artifact

CLONING = replace(TTS, name="kokoro", operations=("clone",))
AGREED: dict[str, Any] = {"name": "Anna", "consent": "Anna has agreed."}
RECORDINGS = ("asset_1", "asset_2")


def asset(name: str, kind: MediaKind = "audio") -> Asset:
    media = ProbedMedia(kind, "audio/wav", None, None, 9.0)
    return Asset(name, "default", f"{name}.wav", build_artifact(name), media, NOW)


REFERENCES = References({name: asset(name) for name in RECORDINGS} | {"picture": asset("picture", "image")})


def settings(policy: VoiceConsent) -> GatewaySettings:
    return GatewaySettings.model_construct(voice_consent=policy)


def resolved(policy: VoiceConsent = VoiceConsent.STATEMENT, **request: Any) -> Any:
    known = Catalogue()
    known.learn([TTS, CLONING, VOICE])
    return resolve(VoiceRequest.model_validate(request), REFERENCES, known, settings(policy))


def test_the_recordings_are_the_inputs_of_one_stage():
    spec = resolved(audio_sample="asset_1", references=["asset_2"], **AGREED)
    (stage,) = plan(spec)
    assert (stage.engine, stage.parameters) == (CLONING, {"cloning": {}})
    assert stage.inputs == {
        "reference": build_artifact("asset_1"),
        "reference.1": build_artifact("asset_2"),
    }
    assert [each.field for each in spec.recordings] == ["audio_sample", "references.0"]


@pytest.mark.parametrize(
    ("policy", "request_", "codes"),
    [
        (VoiceConsent.STATEMENT, {"name": "Anna", "references": RECORDINGS}, ["consent_required"]),
        (VoiceConsent.STATEMENT, {**AGREED, "consent": "  ", "references": RECORDINGS}, ["consent_required"]),
        (VoiceConsent.REFUSED, {**AGREED, "references": RECORDINGS}, ["cloning_refused"]),
        (
            VoiceConsent.STATEMENT,
            {**AGREED, "references": ["asset_3", "picture"], "model": "espeak"},
            ["engine_unsuitable", "asset_not_found", "asset_wrong_kind"],
        ),
        (VoiceConsent.STATEMENT, {**AGREED, "audio_sample": "asset_3"}, ["asset_not_found"]),
    ],
)
def test_everything_that_is_wrong_is_told(policy: VoiceConsent, request_: dict[str, Any], codes: list[str]):
    with pytest.raises(ApiError) as refused:
        resolved(policy, **request_)
    assert [detail.code for detail in refused.value.details] == codes


def test_an_operator_may_see_to_the_consent():
    assert resolved(VoiceConsent.OPERATOR, name="Anna", audio_sample="asset_1").engine == CLONING


@pytest.mark.parametrize(
    "request_",
    [
        AGREED,
        {**AGREED, "references": []},
        {**AGREED, "references": ["asset_1"] * 11},
        {**AGREED, "audio_sample": "asset_1", "references": ["asset_1"] * 10},
        {**AGREED, "audio_sample": "asset_1", "type": "prompt"},
    ],
)
def test_a_request_needs_up_to_ten_recordings(request_: dict[str, Any]):
    with pytest.raises(ValidationError):
        VoiceRequest.model_validate(request_)
