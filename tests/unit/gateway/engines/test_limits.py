"""Requests within and beyond the limits of engines."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from services.chassis.engine_api.spec import EngineLimits
from services.gateway.assets.media import ProbedMedia
from services.gateway.engines.limits import check_language, check_portrait, check_seconds, check_speech
from services.gateway.http.errors import ApiError
from tests.unit.gateway.jobs.job_examples import ALIGNER, TTS, VIDEO

SPEAKER = replace(TTS, limits=EngineLimits(min_speed=0.5, max_speed=4, max_pitch_semitones=9))
PAINTER = replace(VIDEO, limits=EngineLimits(max_pixels=1_000_000, max_seconds=60))
LISTENER = replace(ALIGNER, languages=("de", "pt"))
LARGE = ProbedMedia("image", "image/png", 1001, 1000)


@pytest.mark.parametrize(
    ("check", "code", "param"),
    [
        (lambda: check_speech(SPEAKER, 0.49, 0), "speed_unsupported", "speed"),
        (lambda: check_speech(SPEAKER, 4.1, 0, "scenes.1."), "speed_unsupported", "scenes.1.speed"),
        (lambda: check_speech(SPEAKER, 1, 10), "pitch_unsupported", "pitch_semitones"),
        (lambda: check_speech(SPEAKER, 1, -10), "pitch_unsupported", "pitch_semitones"),
        (
            lambda: check_language(LISTENER, "tlh", "scenes.1.language"),
            "language_unknown",
            "scenes.1.language",
        ),
        (lambda: check_language(LISTENER, "", "language"), "language_unknown", "language"),
        (lambda: check_portrait(PAINTER, LARGE, "image"), "portrait_too_large", "image"),
        (lambda: check_seconds(PAINTER, 61, "seconds"), "too_long_for_engine", "seconds"),
    ],
)
def test_a_request_beyond_a_limit_is_refused(check: Callable[[], None], code: str, param: str):
    with pytest.raises(ApiError) as refused:
        check()
    assert (refused.value.status, refused.value.code, refused.value.param) == (422, code, param)


@pytest.mark.parametrize(
    "check",
    [
        lambda: check_speech(SPEAKER, 0.5, 9),
        lambda: check_speech(TTS, 0.1, 24),
        lambda: check_language(LISTENER, "PT_br", "language"),
        lambda: check_language(ALIGNER, "tlh", "language"),
        lambda: check_portrait(PAINTER, replace(LARGE, width=1000), "image"),
        lambda: check_portrait(VIDEO, LARGE, "image"),
        lambda: check_seconds(PAINTER, 60, "seconds"),
        lambda: check_seconds(PAINTER, None, "seconds"),
        lambda: check_seconds(VIDEO, 100_000, "seconds"),
    ],
)
def test_a_request_within_the_limits_or_without_a_limit_passes(check: Callable[[], None]):
    check()
