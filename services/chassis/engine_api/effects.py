"""Audio effect chains as data: the kinds of step, their amounts, and named presets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.errors import InvalidArgument
from services.chassis.text.did_you_mean import similar
from services.chassis.text.quoted import quoted

MAX_CHAIN_STEPS = 16


@dataclass(frozen=True, slots=True)
class EffectAmount:
    """A numeric parameter of an effect with its bounds; `usual` is its default."""

    name: str
    minimum: float
    maximum: float
    usual: float


@dataclass(frozen=True, slots=True)
class Effect:
    """A kind of step with the amounts that it accepts."""

    name: str
    description: str
    amounts: tuple[EffectAmount, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectStep:
    """A step of a chain: the name of an effect and the amounts that it sets."""

    effect: str
    amounts: Mapping[str, float] = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class EffectPreset:
    """A chain of effects with a name."""

    name: str
    description: str
    steps: tuple[EffectStep, ...]


def checked_chain(steps: Sequence[EffectStep], effects: Sequence[Effect]) -> tuple[EffectStep, ...]:
    """Returns the steps with every amount filled in from the effects' defaults.

    Raises `InvalidArgument` that names the step, counted from 1, for a chain that is empty or too long, an
    effect or amount that is not among `effects`, and an amount out of its bounds.
    """
    if not 1 <= len(steps) <= MAX_CHAIN_STEPS:
        raise InvalidArgument(f"the effect chain has {len(steps)} steps: give 1 to {MAX_CHAIN_STEPS}")
    known = {effect.name: effect for effect in effects}
    return tuple(_checked_step(number, step, known) for number, step in enumerate(steps, 1))


def _checked_step(number: int, step: EffectStep, known: Mapping[str, Effect]) -> EffectStep:
    if step.effect not in known:
        raise InvalidArgument(
            f"step {number}: there is no effect {quoted(step.effect)}: {_hint(step.effect, known)}"
        )
    place = f"step {number} ({step.effect})"
    bounds = {amount.name: amount for amount in known[step.effect].amounts}
    for name, value in step.amounts.items():
        if name not in bounds:
            raise InvalidArgument(f"{place}: there is no amount {quoted(name)}: {_hint(name, bounds)}")
        if not bounds[name].minimum <= value <= bounds[name].maximum:
            raise InvalidArgument(
                f"{place}: {name} {value:g} is out of range: "
                f"give {bounds[name].minimum:g} to {bounds[name].maximum:g}"
            )
    usual = {amount.name: amount.usual for amount in bounds.values()}
    return EffectStep(step.effect, usual | dict(step.amounts))


def _hint(name: str, known: Mapping[str, object]) -> str:
    """Returns advice for an unknown name: similar names, or all that are known."""
    close = similar(name, known, 2)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"give one of {', '.join(known)}" if known else "it has none"
