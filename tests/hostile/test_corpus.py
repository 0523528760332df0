"""A hostile client neither stops nor starves the others: `make hostile`.

The stack is the one of `likeness up`, with the defaults of its services and engines. Only the delay of
garbage is shorter, so that what is left behind shows at the end of the run.
"""

import asyncio
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.hostile.discovery import load_kinds
from tests.hostile.measures import MADE, OK, KindResult, percentile, seconds_of, table
from tests.hostile.memory import bound_mib
from tests.hostile.run import Campaign, run

KINDS = load_kinds(os.environ.get("KINDS", "").split(), os.environ.get("ATTACK", ""))
HEALTH_SECONDS = 0.25
SLOWER = 3.0
GATEWAY_MIB = 600


@pytest.fixture(scope="session")
def campaign() -> Iterator[Campaign]:
    """Runs all attacks, and prints what was measured."""
    with tempfile.TemporaryDirectory(prefix="likeness-hostile-") as folder:
        # PostgreSQL's own account, which root's stack runs it under, must get through.
        Path(folder).chmod(0o711)
        campaign = asyncio.run(run(KINDS, Path(folder)))
    sys.stdout.write(f"\n\n{table(campaign.kinds, campaign.samples)}\n{summary(campaign)}\n")
    yield campaign


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, campaign: Campaign) -> KindResult:
    """Skips a kind of which nothing was tried."""
    result = next(each for each in campaign.kinds if each.kind == request.param)
    if not result.attacks:
        pytest.skip(f"none of the attacks in kinds/{result.kind}.py is tried here: see its first lines")
    return result


def summary(campaign: Campaign) -> str:
    alone = seconds_of(campaign.alone.of(campaign.samples, "health"))
    health = seconds_of(campaign.attacked.of(campaign.samples, "health"))
    videos = seconds_of(campaign.attacked.of(campaign.samples, "video"))
    memory = campaign.memory
    return "\n".join(
        (
            f"attacks: {sum(each.attacks for each in campaign.kinds)} in {campaign.attacked.seconds:.0f} s",
            f"/healthz p99: alone {milliseconds(alone)}, attacked {milliseconds(health)} of {len(health)}",
            f"an innocent's video: alone {alone_seconds(campaign):.2f} s; attacked, median "
            f"{statistics.median(videos):.2f} s, longest {max(videos):.2f} s of {len(videos)}",
            f"gateway: {memory.gateway:.0f} MiB, its largest child {memory.largest_probe:.0f} MiB",
            *(
                f"{engine.rpartition(':')[2]}: {size:.0f} of {bound_mib(engine):.0f} MiB"
                for engine, size in memory.engines.items()
            ),
        )
    )


def milliseconds(values: Sequence[float]) -> str:
    return f"{percentile(values, 0.99) * 1000:.0f} ms"


def alone_seconds(campaign: Campaign) -> float:
    """Returns how long an innocent's video takes without attacks."""
    return statistics.median(seconds_of(campaign.alone.of(campaign.samples, "video")))


def test_every_attack_is_answered_as_it_deserves(kind: KindResult):
    assert not kind.failures, "\n".join(f"{name}: {error}" for name, error in kind.failures.items())


def test_no_attack_causes_a_server_error(kind: KindResult):
    assert not kind.faults, "\n".join(kind.faults)


def test_every_job_of_an_attacker_ends(kind: KindResult):
    assert not kind.unfinished, "\n".join(kind.unfinished)


def test_health_is_reported_in_time(campaign: Campaign):
    samples = campaign.attacked.of(campaign.samples, "health")
    assert percentile(seconds_of(samples), 0.99) <= HEALTH_SECONDS
    assert {each.outcome for each in samples} == {OK}


def test_every_video_of_an_innocent_is_made(campaign: Campaign):
    assert {each.outcome for each in campaign.attacked.of(campaign.samples, "video")} == {MADE}


def test_an_innocents_videos_are_made_in_time(campaign: Campaign):
    videos = campaign.attacked.of(campaign.samples, "video")
    assert percentile(seconds_of(videos), 0.95) <= SLOWER * alone_seconds(campaign)


def test_the_gateway_keeps_within_its_memory(campaign: Campaign):
    assert campaign.memory.gateway <= GATEWAY_MIB


def test_each_engine_keeps_within_its_bound(campaign: Campaign):
    bounds = {engine: bound_mib(engine) for engine in campaign.memory.engines}
    assert bounds, "No engine was seen."
    assert not {engine: size for engine, size in campaign.memory.engines.items() if size > bounds[engine]}


def test_no_attack_holds_the_event_loop(kind: KindResult):
    assert not kind.stalls, "The gateway's log says where it stood, as loop.stalled."


def test_no_process_of_the_stack_dies(campaign: Campaign):
    assert not {name: count for name, count in campaign.restarts.items() if count}


def test_logs_hold_no_text_of_users(campaign: Campaign):
    assert not campaign.log_lines, "\n".join(campaign.log_lines)


def test_nothing_is_left_behind(campaign: Campaign):
    assert not campaign.files, "\n".join(campaign.files)
    assert not campaign.objects, "\n".join(campaign.objects)
