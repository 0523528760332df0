"""Admission: the number of an engine's ready stages that may go on the bus."""

from dataclasses import replace

import pytest

from services.gateway.jobs.scheduling.admission import (
    WITHOUT_WORKERS,
    EngineLoad,
    admitted,
)
from tests.unit.gateway.jobs.job_examples import build_stage


def candidates(*workspaces: str):
    return [
        build_stage(f"scene-{number}/tts", workspace_id=workspace)
        for number, workspace in enumerate(workspaces)
    ]


@pytest.mark.parametrize(
    ("load", "room"),
    [
        (EngineLoad(slots=0), WITHOUT_WORKERS),
        (EngineLoad(slots=0, in_flight={"a": WITHOUT_WORKERS}), 0),
        (EngineLoad(slots=1), 1),
        (EngineLoad(slots=8, in_flight={"a": 2, "b": 3}), 7),
        (EngineLoad(slots=3, in_flight={"a": 2, "b": 3}), 0),
        (EngineLoad(slots=1, in_flight={"a": 9}), 0),
    ],
    ids=["no worker", "enough queued", "one slot", "some taken", "all taken", "fewer slots than before"],
)
def test_an_engine_has_room_for_one_and_a_half_times_its_slots(load: EngineLoad, room: int):
    assert load.room == room


@pytest.mark.parametrize(
    ("in_flight", "bounds", "room"),
    [
        ({}, {}, 6),
        ({}, {"a": 3}, 3),
        ({"a": 2}, {"a": 3}, 1),
        ({"a": 5}, {"a": 3}, 0),
        ({"b": 5}, {"a": 3}, 1),
        ({"b": 1}, {"b": 1}, 5),
    ],
    ids=["unbounded", "bounded", "one left", "bound lowered", "the engine is full", "another's bound"],
)
def test_a_workspace_has_room_up_to_its_bound(in_flight: dict[str, int], bounds: dict[str, int], room: int):
    assert EngineLoad(slots=4, in_flight=in_flight, bounds=bounds).room_of("a") == room


def test_the_first_are_admitted_as_far_as_there_is_room():
    stages = candidates("a", "a", "a")
    assert admitted(stages, EngineLoad(slots=1)) == stages[:1]


def test_a_bound_leaves_the_room_to_the_other_workspaces():
    stages = candidates("a", "a", "b", "b")
    assert admitted(stages, EngineLoad(slots=2, bounds={"a": 1})) == [stages[0], *stages[2:]]


def test_no_stage_overtakes_a_backlog():
    assert admitted(candidates("a"), EngineLoad(slots=4, backlog=True)) == []


@pytest.mark.parametrize(
    ("flights", "in_flight"),
    [
        ([], {"a": 1, "b": 1}),
        ([("a", 1), ("a", 1), ("c", 1)], {"a": 3, "b": 1, "c": 1}),
        ([("a", -1)], {"b": 1}),
        ([("a", -1), ("b", 1), ("b", -1)], {"b": 1}),
        ([("c", -1)], {"a": 1, "b": 1}),
    ],
    ids=["nothing", "more", "less", "both", "never counted"],
)
def test_the_load_follows_stages_that_enter_or_leave_flight(
    flights: list[tuple[str, int]], in_flight: dict[str, int]
):
    load = EngineLoad(slots=4, in_flight={"a": 1, "b": 1}, bounds={"a": 3}, backlog=True)
    assert load.changed(flights) == replace(load, in_flight=in_flight)
