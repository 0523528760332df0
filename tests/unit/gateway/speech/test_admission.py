from contextlib import ExitStack

import pytest

from services.gateway.http.errors import ApiError
from services.gateway.speech.admission import SpeechSlots


def take(stack: ExitStack, slots: SpeechSlots, *workspaces: str) -> list[bool]:
    """Returns for each workspace, in order, whether it got a slot."""
    taken: list[bool] = []
    for workspace in workspaces:
        try:
            stack.enter_context(slots.taken(workspace))
        except ApiError as error:
            assert (error.status, error.code, error.retryable) == (429, "concurrency_limit_reached", True)
            taken.append(False)
        else:
            taken.append(True)
    return taken


@pytest.mark.parametrize(
    ("workspaces", "taken"),
    [
        ("aaaa", [True, True, True, False]),
        ("aaab", [True, True, True, True]),
        ("aabbab", [True, True, True, True, False, False]),
        ("aabbcdef", [True] * 8),
        ("aabbcdefg", [True] * 8 + [False]),
    ],
)
def test_half_of_the_slots_are_for_workspaces_that_have_none(workspaces: str, taken: list[bool]) -> None:
    with ExitStack() as stack:
        assert take(stack, SpeechSlots(8, 3), *workspaces) == taken


def test_a_slot_is_given_back_however_the_speech_ends() -> None:
    slots = SpeechSlots(2, 1)
    for error in (ValueError, KeyError):
        with pytest.raises(error), slots.taken("a"):
            raise error
    with ExitStack() as stack:
        assert take(stack, slots, "a", "b", "a") == [True, True, False]
