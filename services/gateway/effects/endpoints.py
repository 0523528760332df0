"""`/v1/effects`: what can be done to a voice after it has spoken."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.chassis.engine_api.effects import Effect, EffectPreset
from services.gateway.assets.schemas import Deleted
from services.gateway.components import Wired
from services.gateway.effects import repository
from services.gateway.effects.chains import EffectChain, Step, names_in, resolve_chain
from services.gateway.effects.repository import MAX_CHAINS, StoredChain
from services.gateway.engines.catalogue import EFFECTS
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.errors import ApiError, not_found
from services.gateway.http.guarded_route import GuardedRoute

router = APIRouter(
    prefix="/v1/effects", tags=["effects"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)


class EffectObject(BaseModel):
    """A named chain. `preset`: the engine brings it along; `stored`: it is of this workspace."""

    object: Literal["effect"] = "effect"
    name: str
    kind: Literal["preset", "stored"]
    description: str
    steps: list[Step]

    @classmethod
    def of(cls, chain: EffectPreset | StoredChain) -> "EffectObject":
        return cls(
            name=chain.name,
            kind="stored" if isinstance(chain, StoredChain) else "preset",
            description=chain.description,
            steps=[Step(effect=step.effect, amounts=dict(step.amounts)) for step in chain.steps],
        )


class Amount(BaseModel):
    name: str
    minimum: float
    maximum: float
    usual: float = Field(description="What it is where a step leaves it out.")


class StepKind(BaseModel):
    """What a step of a chain can be."""

    effect: str
    description: str
    amounts: list[Amount]

    @classmethod
    def of(cls, effect: Effect) -> "StepKind":
        amounts = [
            Amount(name=each.name, minimum=each.minimum, maximum=each.maximum, usual=each.usual)
            for each in effect.amounts
        ]
        return cls(effect=effect.name, description=effect.description, amounts=amounts)


class EffectList(BaseModel):
    object: Literal["list"] = "list"
    data: list[EffectObject]
    steps: list[StepKind] = Field(description="What chains can be made of.")


class NewEffect(BaseModel):
    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
    description: str = Field(default="", max_length=500)
    steps: EffectChain


@router.get("")
async def list_effects(workspace: Workspace, components: Wired) -> EffectList:
    """The presets, then what this workspace has stored."""
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    async with components.pool.acquire() as connection:
        stored = await repository.every(connection, workspace)
    chains = [EffectObject.of(chain) for chain in (*engine.presets, *stored)]
    return EffectList(data=chains, steps=[StepKind.of(effect) for effect in engine.effects])


@router.get("/{name}")
async def get_effect(name: str, workspace: Workspace, components: Wired) -> EffectObject:
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    async with components.pool.acquire() as connection:
        stored = await repository.named(connection, workspace, [name])
    for chain in (*engine.presets, *stored.values()):
        if chain.name == name:
            return EffectObject.of(chain)
    raise not_found("effect", name)


@router.post("", status_code=201)
async def create_effect(body: NewEffect, workspace: Workspace, components: Wired) -> EffectObject:
    """Keep a chain under a name. What others it names is copied into it: it stays as it is."""
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    if any(preset.name == body.name for preset in engine.presets):
        raise ApiError(409, "effect_exists", f"{body.name!r} is a preset. Choose another name.", "name")
    async with components.pool.acquire() as connection:
        stored = await repository.named(connection, workspace, names_in([body.steps]))
        known = {name: chain.steps for name, chain in stored.items()}
        steps = resolve_chain(body.steps, engine, known, "steps")
        chain = StoredChain(body.name, body.description, steps, components.clock())
        if not await repository.insert(connection, workspace, chain):
            message = (
                f"There is an effect {body.name!r} already, or there are {MAX_CHAINS}: as many as there may "
                f"be. Choose another name, or delete one."
            )
            raise ApiError(409, "effect_exists", message, "name")
    return EffectObject.of(chain)


@router.delete("/{name}")
async def delete_effect(name: str, workspace: Workspace, components: Wired) -> Deleted:
    """Forget a stored chain. What was asked for with it keeps its sound."""
    async with components.pool.acquire() as connection:
        if not await repository.delete(connection, workspace, name):
            raise not_found("effect", name)
    return Deleted(id=name, object="effect.deleted")
