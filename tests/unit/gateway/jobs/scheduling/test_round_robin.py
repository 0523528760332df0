"""Weighted round robin: shares of an engine's room between workspaces and priorities."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.jobs.domain.models import Priority
from services.gateway.jobs.scheduling.admission import EngineLoad
from services.gateway.jobs.scheduling.round_robin import BATCH_TURN, ReadyStage, WeightedRoundRobin

INTERACTIVE, BATCH = Priority.INTERACTIVE, Priority.BATCH


def queue(workspace: str, count: int, priority: Priority = INTERACTIVE) -> list[ReadyStage]:
    ids = (f"{workspace}{priority}-{number}" for number in range(count))
    return [ReadyStage(each, f"job of {each}", workspace, priority) for each in ids]


def shares(chosen: list[ReadyStage]) -> Counter[str]:
    return Counter(each.workspace_id for each in chosen)


def test_each_workspace_is_served_in_its_own_order():
    waiting = queue("a", 3)
    assert WeightedRoundRobin().next(waiting, EngineLoad(slots=2), {}) == waiting


def test_a_single_job_goes_before_the_queue_of_a_busy_workspace():
    chosen = WeightedRoundRobin().next(
        queue("a", 500) + queue("b", 1), EngineLoad(slots=2, in_flight={"a": 2}), {}
    )
    assert [each.workspace_id for each in chosen] == ["b"]


def test_equal_workspaces_get_equal_shares():
    chosen = WeightedRoundRobin().next(
        queue("a", 50) + queue("b", 50) + queue("c", 50), EngineLoad(slots=6), {}
    )
    assert shares(chosen) == {"a": 3, "b": 3, "c": 3}


def test_stages_in_flight_count_towards_the_share():
    chosen = WeightedRoundRobin().next(
        queue("a", 50) + queue("b", 50), EngineLoad(slots=4, in_flight={"a": 2}), {}
    )
    assert shares(chosen) == {"a": 1, "b": 3}


def test_a_weight_of_three_gets_three_times_as_much():
    chosen = WeightedRoundRobin().next(queue("a", 50) + queue("b", 50), EngineLoad(slots=8), {"a": 3.0})
    assert shares(chosen) == {"a": 9, "b": 3}


def test_a_workspace_goes_no_further_than_its_bound():
    load = EngineLoad(slots=6, in_flight={"a": 1}, bounds={"a": 3})
    assert shares(WeightedRoundRobin().next(queue("a", 50) + queue("b", 3), load, {})) == {"a": 2, "b": 3}


def test_workspaces_take_turns_for_a_single_slot():
    rotation, waiting = WeightedRoundRobin(), queue("a", 9) + queue("b", 9) + queue("c", 9)
    order: list[str] = []
    for _ in range(9):
        (turn,) = rotation.next(waiting, EngineLoad(slots=1), {})
        waiting.remove(turn)
        order.append(turn.workspace_id)
    assert order == ["a", "b", "c"] * 3


def test_a_workspace_that_comes_later_is_next():
    rotation, waiting = WeightedRoundRobin(), queue("a", 9)
    for _ in range(3):
        waiting.remove(rotation.next(waiting, EngineLoad(slots=1), {})[0])
    (turn,) = rotation.next([*waiting, *queue("b", 1)], EngineLoad(slots=1), {})
    assert turn.workspace_id == "b"


def test_interactive_work_goes_before_batches_of_any_workspace():
    waiting = queue("a", 50, BATCH) + queue("b", 2) + queue("a", 1)
    chosen = WeightedRoundRobin().next(waiting, EngineLoad(slots=3), {})
    assert [each.priority for each in chosen] == [INTERACTIVE] * 3 + [BATCH]


def test_every_eighth_turn_is_a_batch():
    waiting = queue("a", 100) + queue("b", 100, BATCH)
    chosen = WeightedRoundRobin().next(waiting, EngineLoad(slots=2 * BATCH_TURN), {})
    assert [number for number, each in enumerate(chosen) if each.priority is BATCH] == [7, 15, 23]


def test_turns_are_counted_across_calls():
    waiting = queue("a", 10) + queue("b", 10, BATCH)
    chosen = WeightedRoundRobin(turns=BATCH_TURN - 1).next(waiting, EngineLoad(slots=2), {})
    assert [each.priority for each in chosen] == [BATCH, INTERACTIVE, INTERACTIVE]


def test_the_batch_turn_goes_to_interactive_work_if_no_batch_waits():
    assert len(WeightedRoundRobin().next(queue("a", 100), EngineLoad(slots=8), {})) == 12


WORKSPACES = st.sampled_from("abcd")
QUEUES = st.lists(st.tuples(WORKSPACES, st.sampled_from(Priority), st.integers(1, 20)), max_size=8)


@given(
    queues=QUEUES,
    slots=st.integers(0, 8),
    in_flight=st.dictionaries(WORKSPACES, st.integers(1, 6)),
    bounds=st.dictionaries(WORKSPACES, st.integers(1, 6)),
    weights=st.dictionaries(WORKSPACES, st.floats(0.1, 10)),
    before=st.integers(0, 100),
)
def test_the_room_is_used_as_far_as_bounds_and_queues_allow(
    queues: list[tuple[str, Priority, int]],
    slots: int,
    in_flight: dict[str, int],
    bounds: dict[str, int],
    weights: dict[str, float],
    before: int,
):
    waiting = [
        ReadyStage(f"{index}-{number}", "", workspace, priority)
        for index, (workspace, priority, count) in enumerate(queues)
        for number in range(count)
    ]
    load = EngineLoad(slots, in_flight, bounds)
    chosen = WeightedRoundRobin(turns=before).next(waiting, load, weights)
    assert len({each.stage_id for each in chosen}) == len(chosen)
    takeable = sum(
        min(count, max(bounds.get(workspace, count) - in_flight.get(workspace, 0), 0))
        if workspace in bounds
        else count
        for workspace, count in shares(waiting).items()
    )
    assert len(chosen) == min(load.room, takeable)
