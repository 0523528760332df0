"""Resolves the effects of a request: names become steps, and every step gets all of its amounts. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.chassis.engine_api.effects import EffectStep, checked_chain
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import InvalidArgument
from services.chassis.text.quoted import quoted
from services.gateway.http.errors import invalid


class Step(BaseModel):
    """One step of a chain: an effect that GET /v1/effects lists among its steps."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    effect: str = Field(description="One of the `steps` of GET /v1/effects, such as `reverb`.")
    amounts: dict[str, float] = Field(
        default_factory=dict[str, float], description="Amounts that are left out have their defaults."
    )


EffectChain = Annotated[
    list[str | Step],
    Field(min_length=1, max_length=16, description="Names of GET /v1/effects, and steps, in order."),
]


def names_in(chains: Iterable[Sequence[str | Step] | None]) -> set[str]:
    """Returns the names of stored chains and presets in these chains."""
    return {item for chain in chains for item in chain or () if isinstance(item, str)}


def resolve_chain(
    items: Sequence[str | Step],
    engine: EngineSpec,
    stored: Mapping[str, Sequence[EffectStep]],
    param: str,
) -> tuple[EffectStep, ...]:
    """Returns the steps of the chain, with the steps of named chains in place of the names.

    Raises a 422 for an unknown name and for a step that the engine cannot apply.
    """
    chains = dict(stored) | {preset.name: preset.steps for preset in engine.presets}
    try:
        return checked_chain(list(_steps(items, chains, param)), engine.effects)
    except InvalidArgument as exc:
        raise invalid("effect_invalid", f"The effects cannot be applied: {exc.message}.", param) from exc


def _steps(
    items: Sequence[str | Step], chains: Mapping[str, Sequence[EffectStep]], param: str
) -> Iterator[EffectStep]:
    for item in items:
        if isinstance(item, Step):
            yield EffectStep(item.effect, item.amounts)
        elif item in chains:
            yield from chains[item]
        else:
            message = f"There is no effect {quoted(item)}. GET /v1/effects lists them all."
            raise invalid("effect_unknown", message, param)


def parameters_of(steps: Sequence[EffectStep]) -> dict[str, Any]:
    """Returns the effects in the voice service's task, as JSON."""
    return {"effects": {"steps": [{"effect": each.effect, "amounts": dict(each.amounts)} for each in steps]}}
