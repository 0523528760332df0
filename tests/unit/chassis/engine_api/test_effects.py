"""Validation of effect chains."""

import pytest

from services.chassis.engine_api.effects import (
    MAX_CHAIN_STEPS,
    Effect,
    EffectAmount,
    EffectStep,
    checked_chain,
)
from services.chassis.errors import InvalidArgument

EFFECTS = (
    Effect("pitch", "", (EffectAmount("semitones", -12.0, 12.0, 2.0),)),
    Effect("echo", "", (EffectAmount("seconds", 0.0, 1.0, 0.3), EffectAmount("share", 0.0, 0.9, 0.4))),
    Effect("whisper", ""),
)


def test_a_checked_chain_has_every_amount() -> None:
    chain = (EffectStep("echo", {"share": 0.2}), EffectStep("pitch"), EffectStep("whisper"))
    assert checked_chain(chain, EFFECTS) == (
        EffectStep("echo", {"seconds": 0.3, "share": 0.2}),
        EffectStep("pitch", {"semitones": 2.0}),
        EffectStep("whisper", {}),
    )


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([], "0 steps: give 1 to 16"),
        ([EffectStep("pitch")] * (MAX_CHAIN_STEPS + 1), "17 steps"),
        ([EffectStep("pitch"), EffectStep("eco")], "step 2: there is no effect 'eco': did you mean echo"),
        ([EffectStep("zzz")], "give one of pitch, echo, whisper"),
        ([EffectStep("echo", {"share": 1.0})], r"step 1 \(echo\): share 1 is out of range: give 0 to 0.9"),
        ([EffectStep("pitch", {"semitones": float("nan")})], "semitones nan is out of range"),
        ([EffectStep("pitch", {"semitone": 1.0})], "no amount 'semitone': did you mean semitones"),
        ([EffectStep("whisper", {"share": 1.0})], "no amount 'share': it has none"),
    ],
)
def test_a_wrong_step_is_named(steps: list[EffectStep], message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        checked_chain(steps, EFFECTS)
