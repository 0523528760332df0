"""Errors, their reasons and their gRPC status."""

import pickle

import pytest

from services.chassis.errors import (
    EngineCrashed,
    FaceNotFound,
    LikenessError,
    Reason,
    StoreUnavailable,
    error_of,
)
from services.chassis.grpc.server import status_code


@pytest.mark.parametrize("reason", list(Reason))
def test_an_error_of_any_reason_can_be_made_and_sent(reason: Reason) -> None:
    error = error_of(reason, "Do this.")
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), again.reason, again.message) == (type(error), reason, "Do this.")


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (Reason.FACE_NOT_FOUND, FaceNotFound),
        (Reason.STORE_UNAVAILABLE, StoreUnavailable),
        (Reason.OUT_OF_MEMORY, LikenessError),
    ],
)
def test_an_error_has_the_class_of_its_reason(reason: Reason, kind: type[LikenessError]) -> None:
    assert type(error_of(reason, "x")) is kind


def test_errors_that_another_attempt_may_cure_are_retryable() -> None:
    assert EngineCrashed("x").retryable
    assert not FaceNotFound("x").retryable
    assert not LikenessError("x").retryable


def test_every_reason_has_a_grpc_status() -> None:
    assert all(status_code(reason).value[0] != 0 for reason in Reason)
