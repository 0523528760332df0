"""What a request means by its effects: names become steps, and every step has all of its amounts. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from services.chassis.engine_api.effects import EffectStep, checked_chain
from services.chassis.engine_api.spec import EngineSpec
from services.chassis.errors import InvalidArgument
from services.gateway.http.errors import invalid


class Step(BaseModel):
    """One step of a chain: what GET /v1/effects has among its steps."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    effect: str
    amounts: dict[str, float] = Field(
        default_factory=dict[str, float], description="What is left out is as usual."
    )


EffectChain = Annotated[
    list[str | Step],
    Field(min_length=1, max_length=16, description="Names of GET /v1/effects, and steps, in order."),
]


def names_in(chains: Iterable[Sequence[str | Step] | None]) -> set[str]:
    """What has to be looked up."""
    return {item for chain in chains for item in chain or () if isinstance(item, str)}


def resolve_chain(
    items: Sequence[str | Step],
    engine: EngineSpec,
    stored: Mapping[str, Sequence[EffectStep]],
    param: str,
) -> tuple[EffectStep, ...]:
    """Raises a 422 for a name that nobody knows and a step that the engine cannot do."""
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
            message = f"There is no effect {item!r}. GET /v1/effects lists them all."
            raise invalid("effect_unknown", message, param)


def parameters_of(steps: Sequence[EffectStep]) -> dict[str, Any]:
    """As the voice service's task has them, in JSON."""
    return {"effects": {"steps": [{"effect": each.effect, "amounts": dict(each.amounts)} for each in steps]}}
