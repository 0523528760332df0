"""The retry policy: limits and delays by reason."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.chassis.errors import RETRYABLE, Reason
from services.gateway.jobs.domain.retry import BACKOFFS, Backoff
from services.gateway.settings import GatewaySettings
from services.gateway.wiring import LEASE_SLACK, retry_policy
from tests.unit.gateway.jobs.job_examples import POLICY

BACKOFF = Backoff(limit=5, base_seconds=2, cap_seconds=10)
JUST_UNDER_ONE = 1 - 2**-53


def settings(**changes: object) -> GatewaySettings:
    unused = (
        "bus_url",
        "s3_endpoint",
        "s3_access_key",
        "s3_secret_key",
        "database_url",
        "tts_grpc_target",
        "voice_grpc_target",
        "video_grpc_target",
    )
    return GatewaySettings.model_validate(dict.fromkeys(unused, "unused") | changes)


@pytest.mark.parametrize(("failures", "longest"), [(1, 2), (2, 4), (3, 8), (4, 10), (5, 10), (10_000, 10)])
def test_the_longest_delay_doubles_up_to_the_cap(failures: int, longest: float):
    assert BACKOFF.delay(failures, 0.0) == timedelta(0)
    assert BACKOFF.delay(failures, 0.5) == timedelta(seconds=longest / 2)
    assert BACKOFF.delay(failures, JUST_UNDER_ONE) <= timedelta(seconds=longest)


@given(
    base=st.floats(0, 100),
    cap=st.floats(0, 1000),
    failures=st.integers(1, 1_000_000),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_a_delay_is_never_negative_and_never_beyond_the_cap(
    base: float, cap: float, failures: int, jitter: float
):
    delay = Backoff(3, base, cap).delay(failures, jitter)
    assert timedelta(0) <= delay <= timedelta(seconds=cap)


@pytest.mark.parametrize(("failures", "again"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_reason_is_given_up_at_its_limit(failures: int, again: bool):
    policy = replace(POLICY, backoffs={Reason.ENGINE_CRASHED: Backoff(3, 0, 0)})
    assert (policy.next_delay(Reason.ENGINE_CRASHED, failures, 0.5) is not None) is again


@pytest.mark.parametrize(("failures", "again"), [(1, True), (2, False), (3, False)])
def test_an_input_that_exceeds_memory_twice_is_given_up(failures: int, again: bool):
    policy = replace(POLICY, backoffs=BACKOFFS)
    assert (policy.next_delay(Reason.OUT_OF_MEMORY, failures, 0.5) is not None) is again


@pytest.mark.parametrize("reason", [*sorted(set(Reason) - RETRYABLE), "a reason of a newer worker"])
def test_permanent_failures_are_not_retried(reason: str):
    assert POLICY.next_delay(reason, 1, 0.0) is None


def test_a_reason_has_a_backoff_if_and_only_if_it_is_retryable():
    assert set(BACKOFFS) == RETRYABLE


@pytest.mark.parametrize("reason", [Reason.STORE_UNAVAILABLE, Reason.BUS_UNAVAILABLE])
def test_an_outage_is_waited_out_for_fifty_minutes_on_average(reason: Reason):
    backoff = BACKOFFS[reason]
    delays = [backoff.delay(failures, 0.5) for failures in range(1, backoff.limit)]
    assert sum(delays, timedelta(0)) > timedelta(minutes=50)


def test_the_settings_change_limits_and_pace():
    policy = retry_policy(settings(retry_limits={"engine_crashed": 7}, retry_pace=0.5, lease_seconds=10))
    assert policy.backoffs[Reason.ENGINE_CRASHED] == Backoff(7, 0.5, 30)
    assert policy.backoffs[Reason.OUT_OF_MEMORY] == Backoff(2, 2.5, 30)
    assert policy.lease_seconds == 10 * LEASE_SLACK


def test_limits_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LIKENESS_RETRY_LIMITS", '{"timed_out": 9}')
    assert settings().retry_limits == {Reason.TIMED_OUT: 9}
