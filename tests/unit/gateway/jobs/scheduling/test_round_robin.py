"""Whom an engine's room goes to, of all who wait for it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.jobs.domain.models import Priority
from services.gateway.jobs.scheduling.admission import EngineLoad
from services.gateway.jobs.scheduling.round_robin import BATCH_TURN, ReadyStage, WeightedRoundRobin

INTERACTIVE, BATCH = Priority.INTERACTIVE, Priority.BATCH


def line(workspace: str, count: int, priority: Priority = INTERACTIVE) -> list[ReadyStage]:
    ids = (f"{workspace}{priority}-{number}" for number in range(count))
    return [ReadyStage(each, f"video of {each}", workspace, priority) for each in ids]


def shares(chosen: list[ReadyStage]) -> Counter[str]:
    return Counter(each.workspace_id for each in chosen)


def test_each_workspace_is_served_in_its_own_order():
    waiting = line("a", 3)
    assert WeightedRoundRobin().next(waiting, EngineLoad(slots=2), {}) == waiting


def test_a_single_video_goes_before_the_rest_of_a_crowd():
    chosen = WeightedRoundRobin().next(
        line("a", 500) + line("b", 1), EngineLoad(slots=2, in_flight={"a": 2}), {}
    )
    assert [each.workspace_id for each in chosen] == ["b"]


def test_equals_share_equally():
    chosen = WeightedRoundRobin().next(line("a", 50) + line("b", 50) + line("c", 50), EngineLoad(slots=6), {})
    assert shares(chosen) == {"a": 3, "b": 3, "c": 3}


def test_what_is_in_flight_already_counts_towards_the_share():
    chosen = WeightedRoundRobin().next(
        line("a", 50) + line("b", 50), EngineLoad(slots=4, in_flight={"a": 2}), {}
    )
    assert shares(chosen) == {"a": 1, "b": 3}


def test_a_weight_of_three_gets_three_times_as_much():
    chosen = WeightedRoundRobin().next(line("a", 50) + line("b", 50), EngineLoad(slots=8), {"a": 3.0})
    assert shares(chosen) == {"a": 9, "b": 3}


def test_a_workspace_goes_no_further_than_its_bound():
    load = EngineLoad(slots=6, in_flight={"a": 1}, bounds={"a": 3})
    assert shares(WeightedRoundRobin().next(line("a", 50) + line("b", 3), load, {})) == {"a": 2, "b": 3}


def test_with_one_place_all_have_their_turn():
    rota, waiting = WeightedRoundRobin(), line("a", 9) + line("b", 9) + line("c", 9)
    order: list[str] = []
    for _ in range(9):
        (turn,) = rota.next(waiting, EngineLoad(slots=1), {})
        waiting.remove(turn)
        order.append(turn.workspace_id)
    assert order == ["a", "b", "c"] * 3


def test_whoever_comes_later_is_next():
    rota, crowd = WeightedRoundRobin(), line("a", 9)
    for _ in range(3):
        crowd.remove(rota.next(crowd, EngineLoad(slots=1), {})[0])
    (turn,) = rota.next([*crowd, *line("b", 1)], EngineLoad(slots=1), {})
    assert turn.workspace_id == "b"


def test_interactive_work_goes_before_batches_of_whatever_workspace():
    waiting = line("a", 50, BATCH) + line("b", 2) + line("a", 1)
    chosen = WeightedRoundRobin().next(waiting, EngineLoad(slots=3), {})
    assert [each.priority for each in chosen] == [INTERACTIVE] * 3 + [BATCH]


def test_every_eighth_turn_is_a_batch():
    waiting = line("a", 100) + line("b", 100, BATCH)
    chosen = WeightedRoundRobin().next(waiting, EngineLoad(slots=2 * BATCH_TURN), {})
    assert [number for number, each in enumerate(chosen) if each.priority is BATCH] == [7, 15, 23]


def test_turns_are_counted_on_from_one_time_to_the_next():
    waiting = line("a", 10) + line("b", 10, BATCH)
    chosen = WeightedRoundRobin(turns=BATCH_TURN - 1).next(waiting, EngineLoad(slots=2), {})
    assert [each.priority for each in chosen] == [BATCH, INTERACTIVE, INTERACTIVE]


def test_the_turn_of_a_batch_is_no_loss_if_no_batch_waits():
    assert len(WeightedRoundRobin().next(line("a", 100), EngineLoad(slots=8), {})) == 12


WORKSPACES = st.sampled_from("abcd")
LINES = st.lists(st.tuples(WORKSPACES, st.sampled_from(Priority), st.integers(1, 20)), max_size=8)


@given(
    lines=LINES,
    slots=st.integers(0, 8),
    in_flight=st.dictionaries(WORKSPACES, st.integers(1, 6)),
    bounds=st.dictionaries(WORKSPACES, st.integers(1, 6)),
    weights=st.dictionaries(WORKSPACES, st.floats(0.1, 10)),
    before=st.integers(0, 100),
)
def test_the_room_is_used_as_far_as_bounds_and_lines_allow(
    lines: list[tuple[str, Priority, int]],
    slots: int,
    in_flight: dict[str, int],
    bounds: dict[str, int],
    weights: dict[str, float],
    before: int,
):
    waiting = [
        ReadyStage(f"{index}-{number}", "", workspace, priority)
        for index, (workspace, priority, count) in enumerate(lines)
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
