"""Reads the assets, avatars, cloned voices, effects and words of the lexicon that requests refer to."""

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
from services.gateway.voices import cloned
from services.gateway.voices.cloned import ClonedVoice, ReadyVoice, is_cloned, unknown_voice


@dataclass(frozen=True, slots=True)
class ReferenceNames:
    """Names that a request uses: ids of assets, avatars and cloned voices, names of effects, and its scripts,
    whose words may be in the lexicon. `unvoiced`: one of these names no voice."""

    assets: frozenset[str] = frozenset()
    avatars: frozenset[str] = frozenset()
    voices: frozenset[str] = frozenset()
    effects: frozenset[str] = frozenset()
    scripts: tuple[str, ...] = ()
    unvoiced: bool = False

    @property
    def guesses_language(self) -> bool:
        """Returns whether a script's language decides how it is spoken."""
        return bool(self.scripts) and (self.unvoiced or bool(self.voices))


@dataclass(frozen=True, slots=True)
class References:
    """Assets, avatars and cloned voices by id, effect chains by name, and the words of the lexicon that occur
    in each script."""

    assets: Mapping[str, Asset]
    effects: Mapping[str, Sequence[EffectStep]] = field(default_factory=dict[str, Sequence[EffectStep]])
    lexicon: Occurrences = field(default_factory=dict[str, Sequence[Pronunciation]])
    avatars: Mapping[str, Avatar] = field(default_factory=dict[str, Avatar])
    voices: Mapping[str, ClonedVoice] = field(default_factory=dict[str, ClonedVoice])

    def avatar(self, named: Avatar | str | None, param: str) -> Avatar | None:
        """Returns the avatar itself, or the stored one of that id. Raises a 422 that names `param`."""
        if not isinstance(named, str):
            return named
        if named not in self.avatars:
            message = f"There is no avatar {quoted(named)} in this workspace. Store it with POST /v1/avatars."
            raise invalid("avatar_not_found", message, param)
        return self.avatars[named]

    def voice(self, named: str | None, param: str) -> ReadyVoice | str | None:
        """Returns the cloned voice of that id, or the name itself if it is another voice's. Raises a refusal
        that names `param` if there is no such cloned voice, or if it cannot speak."""
        if not is_cloned(named):
            return named
        if named not in self.voices:
            raise unknown_voice(named, param)
        return self.voices[named].ready(param)

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
        voices = await cloned.find(connection, workspace, {each for one in named for each in one.voices})
        chains = await effects.named(connection, workspace, {name for one in named for name in one.effects})
        found = await assets.find(connection, workspace, sorted(ids))
    scripts = (text for one in named for text in one.scripts if len(text) <= longest_script)
    return References(
        assets=found,
        effects={name: chain.steps for name, chain in chains.items()},
        lexicon=await find_words(pool, workspace, scripts),
        avatars={each.id: _as_named(each) for each in stored.values()},
        voices=voices,
    )


def _as_named(stored: StoredAvatar) -> Avatar:
    return Avatar.model_validate({"image": stored.image, "face": stored.face, "landmarks": stored.landmarks})
