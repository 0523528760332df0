"""Tests that docs/reference/metrics.md lists every Prometheus metric and span name of the services."""

import re
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

from prometheus_client.metrics import MetricWrapperBase

from services.chassis.observability import metrics
from tests.unit.docs.pages import DOCS, ROOT, rows_of, section

PAGE = (DOCS / "reference/metrics.md").read_text()
DEFINES_METRIC = re.compile(r"\b(?:Counter|Gauge|Histogram|Summary)\(\s*\"likeness_")


def modules_with_metrics() -> Iterator[ModuleType]:
    for file in sorted((ROOT / "services").rglob("*.py")):
        if DEFINES_METRIC.search(file.read_text()):
            yield import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))


def described(metric: MetricWrapperBase) -> tuple[str, str, str]:
    """Returns name as exported, type, and labels, as the page writes them."""
    (family,) = metric.describe()
    name = f"{family.name}_total" if family.type == "counter" else family.name
    labels: tuple[str, ...] = getattr(metric, "_labelnames")  # noqa: B009 - the client has no public name for it
    return f"`{name}`", family.type, ", ".join(f"`{label}`" for label in labels) or "none"


def test_the_page_lists_the_metrics_of_the_code_and_no_others():
    defined = {
        described(each)
        for module in modules_with_metrics()
        for each in vars(module).values()
        if isinstance(each, MetricWrapperBase)
    }
    listed = {(cells[0], cells[1], cells[2]) for cells in rows_of(section(PAGE, "Metrics"))}
    assert listed == defined


def test_the_page_lists_the_spans_of_the_code():
    named = {value for name, value in vars(metrics).items() if name.startswith("SPAN_")}
    listed = {cells[0].strip("`") for cells in rows_of(section(PAGE, "Spans"))}
    # The page also lists spans that the gateway and FastAPI name themselves.
    assert named <= listed
