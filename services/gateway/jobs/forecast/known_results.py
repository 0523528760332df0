"""Finds out, before a job is created, which of its stages would run. Writes nothing."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.chassis.storage import Artifact
from services.gateway.jobs.domain.action_key import action_key
from services.gateway.jobs.domain.events import KnownResult
from services.gateway.jobs.domain.job_status import inputs_from
from services.gateway.jobs.domain.models import CacheUse, KnownKey, Stage, StageOutput
from services.gateway.jobs.scheduling.cross_job import Lookup

LookUp = Callable[[Sequence[KnownKey]], Awaitable[Lookup]]
FindLost = Callable[[Sequence[KnownResult]], Awaitable[Collection[str]]]


@dataclass(slots=True)
class Foreseen:
    """Use of the result cache by each stage, by its name, and the results that are known.

    `awaited` names the stages whose results another job makes at this moment.
    """

    uses: dict[str, CacheUse] = field(default_factory=dict[str, CacheUse])
    results: dict[str, KnownResult] = field(default_factory=dict[str, KnownResult])
    awaited: set[str] = field(default_factory=set[str])


async def foresee(stages: Sequence[Stage], look_up: LookUp, find_lost: FindLost) -> Foreseen:
    """Goes through the stages of a new job as the writer would.

    `look_up` reads the results of action keys, `find_lost` returns the keys of artifacts that are gone from
    the store. What a stage would make that has to run is not known: it gets a digest that is derived from the
    stage's own key, so that equal stages of the job are recognised.
    """
    foreseen = Foreseen()
    outputs: dict[str, Mapping[str, Artifact]] = {}
    asked_of = outputs_asked_of(stages)
    made: set[KnownKey] = set()
    for level in levels(stages):
        keys: dict[str, str] = {}
        for stage in level:
            keys[stage.name] = action_key(stage, inputs_from(stage, outputs) or {})
            await asyncio.sleep(0)  # long scripts take a while: other tasks run in between
        wanted = sorted({key_of(stage, keys) for stage in level if not stage.no_cache})
        found = await look_up(wanted) if wanted else Lookup({}, {})
        known = await intact(found, find_lost)
        for stage in level:
            key = key_of(stage, keys)
            if not stage.no_cache and (result := known.get(key)):
                foreseen.uses[stage.name] = CacheUse.HIT
                foreseen.results[stage.name] = result
                outputs[stage.name] = result.outputs
            else:
                foreseen.uses[stage.name] = use_of(stage, key in made or key in found.in_flight)
                if key in found.in_flight and key not in made and not stage.no_cache:
                    foreseen.awaited.add(stage.name)
                outputs[stage.name] = {name: unmade(key, name) for name in asked_of[stage.name]}
                made.add(key)
    return foreseen


def key_of(stage: Stage, keys: Mapping[str, str]) -> KnownKey:
    return stage.workspace_id, keys[stage.name]


async def intact(found: Lookup, find_lost: FindLost) -> dict[KnownKey, KnownResult]:
    """Returns the results whose artifacts are all in the store."""
    if not found.known:
        return {}
    lost = set(await find_lost(list(found.known.values())))
    return {
        key: result
        for key, result in found.known.items()
        if not lost & {artifact.key for artifact in result.outputs.values()}
    }


def use_of(stage: Stage, made_elsewhere: bool) -> CacheUse:
    """Returns the use of the cache by a stage whose result is not known.

    It is a hit if an equal stage makes the result, which this one then waits for.
    """
    if stage.no_cache:
        return CacheUse.BYPASS
    return CacheUse.HIT if made_elsewhere else CacheUse.MISS


def levels(stages: Sequence[Stage]) -> Iterator[list[Stage]]:
    """Yields the stages in groups: each takes its inputs from groups before it."""
    depth: dict[str, int] = {}
    groups: defaultdict[int, list[Stage]] = defaultdict(list)
    for stage in stages:
        sources = [each.stage for each in stage.inputs.values() if isinstance(each, StageOutput)]
        depth[stage.name] = 1 + max((depth[name] for name in sources), default=0)
        groups[depth[stage.name]].append(stage)
    yield from (groups[number] for number in sorted(groups))


def outputs_asked_of(stages: Sequence[Stage]) -> defaultdict[str, set[str]]:
    """Returns the names of the outputs that other stages take, by the name of the stage that makes them."""
    asked: defaultdict[str, set[str]] = defaultdict(set)
    for stage in stages:
        for source in stage.inputs.values():
            if isinstance(source, StageOutput):
                asked[source.stage].add(source.output)
    return asked


def unmade(key: KnownKey, output: str) -> Artifact:
    """Returns a stand-in for an artifact that does not exist yet."""
    return Artifact(key="", sha256=f"{key[1]}/{output}", media_type="", size_bytes=0)
