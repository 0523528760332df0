"""The table of an automaton in a fourth of its memory."""

from array import array

import numpy as np

_ROW = 256


class SparseRows:
    """The next states of an automaton, 256 in a row. Kept is what differs from one of the rows."""

    def __init__(self, states: "array[int]", *, default_row: int) -> None:
        rows = np.frombuffer(states, np.uint32).reshape(-1, _ROW)
        different = rows != rows[default_row]
        self._default = array("I", rows[default_row].tobytes())
        self._starts = array("I", np.append(0, np.cumsum(different.sum(axis=1))).astype(np.uint32).tobytes())
        self._letters = np.nonzero(different)[1].astype(np.uint8).tobytes()
        self._states = array("I", rows[different].tobytes())

    def __getitem__(self, place: int) -> int:
        row, letter = divmod(place, _ROW)
        found = self._letters.find(letter, self._starts[row], self._starts[row + 1])
        return self._default[letter] if found < 0 else self._states[found]
