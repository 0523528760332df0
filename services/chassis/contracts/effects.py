"""Conversion of effects between protobuf messages and dataclasses."""

from likeness.jobs.v1 import engines_pb2
from services.chassis.engine_api.effects import Effect, EffectAmount, EffectPreset, EffectStep


def effect_to_proto(effect: Effect) -> engines_pb2.Effect:
    amounts = [
        engines_pb2.EffectAmount(
            name=amount.name, minimum=amount.minimum, maximum=amount.maximum, usual=amount.usual
        )
        for amount in effect.amounts
    ]
    return engines_pb2.Effect(name=effect.name, description=effect.description, amounts=amounts)


def effect_from_proto(message: engines_pb2.Effect) -> Effect:
    amounts = (
        EffectAmount(amount.name, amount.minimum, amount.maximum, amount.usual) for amount in message.amounts
    )
    return Effect(message.name, message.description, tuple(amounts))


def step_to_proto(step: EffectStep) -> engines_pb2.EffectStep:
    return engines_pb2.EffectStep(effect=step.effect, amounts=step.amounts)


def step_from_proto(message: engines_pb2.EffectStep) -> EffectStep:
    return EffectStep(message.effect, dict(message.amounts))


def preset_to_proto(preset: EffectPreset) -> engines_pb2.EffectPreset:
    steps = [step_to_proto(step) for step in preset.steps]
    return engines_pb2.EffectPreset(name=preset.name, description=preset.description, steps=steps)


def preset_from_proto(message: engines_pb2.EffectPreset) -> EffectPreset:
    steps = (step_from_proto(step) for step in message.steps)
    return EffectPreset(message.name, message.description, tuple(steps))
