"""`/v1/effects`: chains of effects that are applied to speech."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from services.chassis.engine_api.effects import Effect, EffectPreset
from services.gateway.assets.schemas import Deleted
from services.gateway.components import Wired
from services.gateway.effects import repository
from services.gateway.effects.chains import EffectChain, Step, names_in, resolve_chain
from services.gateway.effects.repository import MAX_CHAINS, StoredChain
from services.gateway.engines.catalogue import EFFECTS
from services.gateway.http.auth import REQUIRES_KEY, Workspace
from services.gateway.http.declared import Codes, errors
from services.gateway.http.errors import ApiError, not_found
from services.gateway.http.guarded_route import GuardedRoute

router = APIRouter(
    prefix="/v1/effects", tags=["effects"], dependencies=REQUIRES_KEY, route_class=GuardedRoute
)
NOT_FOUND: Codes = {404: "effect_not_found"}
NO_ENGINE: Codes = {503: "engine_unavailable"}


class EffectObject(BaseModel):
    """A named chain. `preset`: part of the engine; `stored`: stored by this workspace."""

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
    usual: float = Field(description="Its value where a step leaves it out.")


class StepKind(BaseModel):
    """An effect that a step of a chain can apply."""

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
    steps: list[StepKind] = Field(description="The effects that steps can apply.")


class NewEffect(BaseModel):
    """A chain of effects to be stored under a name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"name": "over-the-phone", "steps": ["radio"]},
                {
                    "name": "haunted-hall",
                    "description": "A low voice in a large hall.",
                    "steps": [
                        {"effect": "pitch", "amounts": {"semitones": -4}},
                        {"effect": "reverb", "amounts": {"seconds": 2.5, "share": 0.3}},
                    ],
                },
            ]
        }
    )

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="The name that requests use, such as `old-radio`."
    )
    description: str = Field(default="", max_length=500, description="What it sounds like, for people.")
    steps: EffectChain


@router.get("", responses=errors(NO_ENGINE))
async def list_effects(workspace: Workspace, components: Wired) -> EffectList:
    """List the presets, then the chains that this workspace has stored."""
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    async with components.pool.acquire() as connection:
        stored = await repository.every(connection, workspace)
    chains = [EffectObject.of(chain) for chain in (*engine.presets, *stored)]
    return EffectList(data=chains, steps=[StepKind.of(effect) for effect in engine.effects])


@router.get("/{name}", responses=errors(NOT_FOUND, NO_ENGINE))
async def get_effect(name: str, workspace: Workspace, components: Wired) -> EffectObject:
    """Get a preset or a stored chain."""
    engine = components.catalogue.voice_engine(EFFECTS, None, "effects")
    async with components.pool.acquire() as connection:
        stored = await repository.named(connection, workspace, [name])
    for chain in (*engine.presets, *stored.values()):
        if chain.name == name:
            return EffectObject.of(chain)
    raise not_found("effect", name)


@router.post(
    "",
    status_code=201,
    responses=errors(NO_ENGINE, {409: "effect_exists", 422: ("effect_unknown", "effect_invalid")}),
)
async def create_effect(body: NewEffect, workspace: Workspace, components: Wired) -> EffectObject:
    """Store a chain under a name. Chains that it names are copied into it: later changes to them do not
    matter."""
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


@router.delete("/{name}", responses=errors(NOT_FOUND))
async def delete_effect(name: str, workspace: Workspace, components: Wired) -> Deleted:
    """Delete a stored chain. Jobs that were created with it keep their sound."""
    async with components.pool.acquire() as connection:
        if not await repository.delete(connection, workspace, name):
            raise not_found("effect", name)
    return Deleted(id=name, object="effect.deleted")
