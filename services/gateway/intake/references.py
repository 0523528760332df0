"""Reads the assets, avatars, effects and words of the lexicon that requests refer to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.engine_api.effects import EffectStep
from services.chassis.text.quoted import quoted
from services.gateway.assets import repository as assets
from services.gateway.assets.repository import Asset
from services.gateway.avatars import repository as avatars
from services.gateway.avatars.repository import StoredAvatar
from services.gateway.avatars.schemas import Avatar
from services.gateway.db.pool import Pool
from services.gateway.effects import repository as effects
from services.gateway.http.errors import ApiError, invalid
from services.gateway.lexicon.pronunciation import Occurrences, Pronunciation
from services.gateway.lexicon.search import find_words


@dataclass(frozen=True, slots=True)
class ReferenceNames:
    """Names that a request uses: ids of assets and avatars, names of effects, and its scripts, whose words
    may be in the lexicon. `unvoiced`: one of these names no voice."""

    assets: frozenset[str] = frozenset()
    avatars: frozenset[str] = frozenset()
    effects: frozenset[str] = frozenset()
    scripts: tuple[str, ...] = ()
    unvoiced: bool = False


@dataclass(frozen=True, slots=True)
class References:
    """Assets and avatars by id, effect chains by name, and the words of the lexicon that occur in each
    script."""

    assets: Mapping[str, Asset]
    effects: Mapping[str, Sequence[EffectStep]] = field(default_factory=dict[str, Sequence[EffectStep]])
    lexicon: Occurrences = field(default_factory=dict[str, Sequence[Pronunciation]])
    avatars: Mapping[str, Avatar] = field(default_factory=dict[str, Avatar])

    def avatar(self, named: Avatar | str | None, param: str) -> Avatar | None:
        """Returns the avatar itself, or the stored one of that id. Raises a 422 that names `param`."""
        if not isinstance(named, str):
            return named
        if named not in self.avatars:
            message = f"There is no avatar {quoted(named)} in this workspace. Store it with POST /v1/avatars."
            raise invalid("avatar_not_found", message, param)
        return self.avatars[named]

    def asset(self, asset_id: str, kind: str, param: str) -> Asset:
        """Returns the asset. Raises a 422 that names `param` unless there is one of that kind."""
        found = self.assets.get(asset_id)
        if found is None:
            raise asset_not_found(asset_id, param)
        if found.media.kind != kind:
            message = f"{quoted(asset_id)} is {found.media.kind}; here goes {kind}."
            if (found.media.kind, kind) == ("video", "audio"):
                message += " Upload it with sound_only=true, or send it as the file `audio` of a form."
            raise invalid("asset_wrong_kind", message, param)
        return found


def asset_not_found(asset_id: str, param: str) -> ApiError:
    message = f"There is no asset {quoted(asset_id)} in this workspace. Upload it with POST /v1/assets."
    return invalid("asset_not_found", message, param)


async def read_references(
    pool: Pool, workspace: str, names: Iterable[ReferenceNames], longest_script: int
) -> References:
    """Reads all references that exist. A script of more than `longest_script` characters, which will be
    refused, is not searched for words of the lexicon."""
    named = list(names)
    async with pool.acquire() as connection:
        stored = await avatars.find(connection, workspace, {each for one in named for each in one.avatars})
        ids = {asset_id for one in named for asset_id in one.assets}
        ids |= {avatar.image for avatar in stored.values()}
        chains = await effects.named(connection, workspace, {name for one in named for name in one.effects})
        found = await assets.find(connection, workspace, sorted(ids))
    scripts = (text for one in named for text in one.scripts if len(text) <= longest_script)
    return References(
        assets=found,
        effects={name: chain.steps for name, chain in chains.items()},
        lexicon=await find_words(pool, workspace, scripts),
        avatars={each.id: _as_named(each) for each in stored.values()},
    )


def _as_named(stored: StoredAvatar) -> Avatar:
    return Avatar.model_validate({"image": stored.image, "face": stored.face, "landmarks": stored.landmarks})
