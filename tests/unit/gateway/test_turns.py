"""Whom an engine's room goes to, of all who wait for it."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.videos.admission import EngineLoad
from services.gateway.videos.records import Priority
from services.gateway.videos.turns import BATCH_TURN, Waiting, fair_turns

INTERACTIVE, BATCH = Priority.INTERACTIVE, Priority.BATCH


def line(workspace: str, count: int, priority: Priority = INTERACTIVE) -> list[Waiting]:
    ids = (f"{workspace}{priority}-{number}" for number in range(count))
    return [Waiting(each, f"video of {each}", workspace, priority) for each in ids]


def shares(chosen: list[Waiting]) -> Counter[str]:
    return Counter(each.workspace_id for each in chosen)


def test_each_workspace_is_served_in_its_own_order():
    waiting = line("a", 3)
    assert fair_turns(waiting, EngineLoad(slots=1), {}, 0) == waiting[:2]


def test_a_single_video_goes_before_the_rest_of_a_crowd():
    chosen = fair_turns(line("a", 500) + line("b", 1), EngineLoad(slots=1, in_flight={"a": 1}), {}, 0)
    assert [each.workspace_id for each in chosen] == ["b"]


def test_equals_share_equally():
    chosen = fair_turns(line("a", 50) + line("b", 50) + line("c", 50), EngineLoad(slots=6), {}, 0)
    assert shares(chosen) == {"a": 4, "b": 4, "c": 4}


def test_what_is_in_flight_already_counts_towards_the_share():
    chosen = fair_turns(line("a", 50) + line("b", 50), EngineLoad(slots=4, in_flight={"a": 4}), {}, 0)
    assert shares(chosen) == {"b": 4}


def test_a_weight_of_three_gets_three_times_as_much():
    chosen = fair_turns(line("a", 50) + line("b", 50), EngineLoad(slots=8), {"a": 3.0}, 0)
    assert shares(chosen) == {"a": 12, "b": 4}


def test_a_workspace_goes_no_further_than_its_bound():
    load = EngineLoad(slots=4, in_flight={"a": 1}, bounds={"a": 3})
    assert shares(fair_turns(line("a", 50) + line("b", 3), load, {}, 0)) == {"a": 2, "b": 3}


def test_interactive_work_goes_before_batches_of_whatever_workspace():
    waiting = line("a", 50, BATCH) + line("b", 2) + line("a", 1)
    chosen = fair_turns(waiting, EngineLoad(slots=2), {}, 0)
    assert [each.priority for each in chosen] == [INTERACTIVE] * 3 + [BATCH]


def test_every_eighth_turn_is_a_batch():
    waiting = line("a", 100) + line("b", 100, BATCH)
    chosen = fair_turns(waiting, EngineLoad(slots=2 * BATCH_TURN), {}, 0)
    assert [number for number, each in enumerate(chosen) if each.priority is BATCH] == [7, 15, 23, 31]


def test_turns_are_counted_on_from_one_time_to_the_next():
    waiting = line("a", 10) + line("b", 10, BATCH)
    chosen = fair_turns(waiting, EngineLoad(slots=1), {}, BATCH_TURN - 1)
    assert [each.priority for each in chosen] == [BATCH, INTERACTIVE]


def test_the_turn_of_a_batch_is_no_loss_if_no_batch_waits():
    assert len(fair_turns(line("a", 100), EngineLoad(slots=8), {}, 0)) == 16


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
        Waiting(f"{index}-{number}", "", workspace, priority)
        for index, (workspace, priority, count) in enumerate(lines)
        for number in range(count)
    ]
    load = EngineLoad(slots, in_flight, bounds)
    chosen = fair_turns(waiting, load, weights, before)
    assert len({each.stage_id for each in chosen}) == len(chosen)
    takeable = sum(
        min(count, max(bounds.get(workspace, count) - in_flight.get(workspace, 0), 0))
        if workspace in bounds
        else count
        for workspace, count in shares(waiting).items()
    )
    assert len(chosen) == min(load.room, takeable)
