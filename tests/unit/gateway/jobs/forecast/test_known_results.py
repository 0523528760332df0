"""Foresight of the result cache: which stages of a new job would run."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.chassis.storage import Artifact
from services.gateway.jobs.domain.action_key import action_key
from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.models import KnownKey, Stage, StageOutput
from services.gateway.jobs.forecast.known_results import Foreseen, foresee
from services.gateway.jobs.scheduling.cross_job import Lookup
from tests.unit.gateway.jobs.job_examples import build_artifact, build_stage

SPEECH, PICTURE = build_artifact("speech"), build_artifact("picture")


def tts(scene: int = 0, text: str = "Hello.") -> Stage:
    return build_stage(f"scene-{scene}/tts", "tts", parameters={"text": text})


def video(scene: int = 0) -> Stage:
    speech = StageOutput(f"scene-{scene}/tts", "speech")
    return build_stage(f"scene-{scene}/video", "video", inputs={"portrait": PICTURE, "speech": speech})


def mux(*scenes: int) -> Stage:
    inputs = {f"video.{scene}": StageOutput(f"scene-{scene}/video", "video") for scene in scenes}
    return build_stage("mux", "mux", inputs=inputs)


KEY_OF_SPEECH = "default", action_key(tts(), {})
KEY_OF_VIDEO = "default", action_key(video(), {"portrait": PICTURE, "speech": SPEECH})
ONE = (tts(), video(), mux(0))


async def foreseen(
    stages: Sequence[Stage],
    known: dict[KnownKey, Artifact] | None = None,
    in_flight: Sequence[KnownKey] = (),
    lost: Sequence[Artifact] = (),
) -> Foreseen:
    names: dict[KnownKey, str] = {KEY_OF_SPEECH: "speech", KEY_OF_VIDEO: "video"}

    async def look_up(keys: Sequence[KnownKey]) -> Lookup:
        results = {key: made for key, made in (known or {}).items() if key in keys}
        return Lookup(
            {key: KnownResult({names[key]: made}, 1.0) for key, made in results.items()},
            {key: {"other"} for key in in_flight if key in keys},
        )

    async def find_lost(results: Sequence[KnownResult]) -> set[str]:
        return {each.key for each in lost}

    return await foresee(stages, look_up, find_lost)


@pytest.mark.parametrize(
    ("known", "uses"),
    [
        ({}, ["miss", "miss", "miss"]),
        ({KEY_OF_SPEECH: SPEECH}, ["hit", "miss", "miss"]),
        ({KEY_OF_SPEECH: SPEECH, KEY_OF_VIDEO: build_artifact("film")}, ["hit", "hit", "miss"]),
        ({KEY_OF_VIDEO: build_artifact("film")}, ["miss", "miss", "miss"]),
    ],
    ids=["nothing", "speech", "all but the last", "only what depends on what is not known"],
)
async def test_results_are_followed_from_stage_to_stage(known: dict[KnownKey, Artifact], uses: list[str]):
    assert list((await foreseen(ONE, known)).uses.values()) == uses


async def test_equal_scenes_of_a_job_are_made_once():
    stages = (tts(0), video(0), tts(1), video(1), tts(2, "Other."), video(2), mux(0, 1, 2))
    uses = (await foreseen(stages)).uses
    assert [name for name, use in uses.items() if use == "hit"] == ["scene-1/tts", "scene-1/video"]


async def test_what_another_job_makes_now_will_be_known():
    found = await foreseen(ONE, in_flight=[KEY_OF_SPEECH])
    assert list(found.uses.values()) == ["hit", "miss", "miss"]
    assert found.awaited == {"scene-0/tts"}


async def test_a_result_that_is_gone_from_the_store_is_made_again():
    assert (await foreseen(ONE, {KEY_OF_SPEECH: SPEECH}, lost=[SPEECH])).uses["scene-0/tts"] == "miss"


async def test_a_job_that_asks_for_no_known_results_runs_everything():
    stages = [replace(stage, no_cache=True) for stage in ONE]
    assert set((await foreseen(stages, {KEY_OF_SPEECH: SPEECH})).uses.values()) == {"bypass"}
