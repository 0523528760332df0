"""Tests that a sparse table of states has each of them at its place."""

from array import array

import pytest

from services.gateway.intake.sparse_rows import SparseRows

ROW = 256


@pytest.mark.parametrize("default_row", [0, 1, 2])
def test_each_state_is_at_its_place(default_row: int) -> None:
    usual = [letter * 7 for letter in range(ROW)]
    changed = list(usual)
    changed[0], changed[97], changed[255] = 100_000, 3, 0
    states = array("I", [*usual, *changed, *reversed(usual), *usual])
    sparse = SparseRows(states, default_row=default_row)
    assert [sparse[place] for place in range(len(states))] == list(states)
