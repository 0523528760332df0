import pytest

from benchmarks.startup import PartTimes, Run, ready_in, report

STARTED = '{"event": "service.started", "timestamp": "1970-01-01T00:01:40.500000Z"}'
ANSWERED = '{"event": "http.request", "timestamp": "1970-01-01T00:01:41.000000Z"}'


@pytest.mark.parametrize(
    ("log", "ready"),
    [
        (['{"event": "grpc.serving", "timestamp": "1970-01-01T00:00:01Z"}', STARTED, ANSWERED], 100.5),
        (["2026-11-30 LOG:  database system is ready", ANSWERED], 101.0),
        (["2026-11-30 LOG:  database system is ready"], None),
        ([], None),
    ],
)
def test_a_log_tells_when_its_service_was_ready(log: list[str], ready: float | None) -> None:
    assert ready_in(log) == ready


def test_the_report_has_medians_and_the_parts_of_the_middle_start() -> None:
    ups = [Run(wall, 5.0, [PartTimes("mux", 0.5, wall, 0.6)]) for wall in (3.0, 9.0, 4.0)]

    text = report([(up, Run(0.5, 0.1), Run(6.0, 7.0)) for up in ups])

    assert "| `likeness up` | 4.00 | 9.00 | 5.00 |" in text
    assert "| `make demo` | 6.00 | 6.00 | 7.00 |" in text
    assert "| mux | 0.50 | 4.00 | 0.60 |" in text
