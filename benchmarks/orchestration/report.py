"""Formats the tables of figures and of ratios."""

from collections.abc import Mapping, Sequence

from benchmarks.orchestration.contender import Contender
from benchmarks.orchestration.figures import Figures
from benchmarks.page import markdown

HEAD = (
    "system",
    "chains/s, 100 open",
    "chains/s, many open",
    "p50 / p99 ms, alone",
    "CPU ms a chain",
    "durable",
    "settings",
)


def table(contenders: Sequence[Contender], figures: Mapping[str, Figures]) -> str:
    """Returns a row for each contender that has figures."""
    rows = [row(each, figures[each.name]) for each in contenders if each.name in figures]
    return markdown(HEAD, rows)


def row(contender: Contender, figures: Figures) -> tuple[str, ...]:
    many = max(figures.rates)
    return (
        contender.title,
        f"{figures.rate:,.0f}",
        f"{figures.rates[many]:,.0f} ({many:,})",
        f"{figures.p50 * 1000:.1f} / {figures.p99 * 1000:.1f}",
        f"{figures.cpu:.2f}",
        contender.durable,
        contender.settings,
    )


def ratios(contenders: Sequence[Contender], figures: Mapping[str, Figures]) -> str:
    """Returns the ratios of Likeness to the others: above 1, Likeness does more, or takes longer."""
    ours = [each for each in contenders if each.ours and each.name in figures]
    others = [each for each in contenders if not each.ours and each.name in figures]
    head = ("over", *(f"{each.title}: {what}" for each in ours for what in ("chains/s", "p50", "p99")))
    rows = [
        (
            other.title,
            *(text for each in ours for text in compared(figures[each.name], figures[other.name])),
        )
        for other in others
    ]
    return markdown(head, rows)


def compared(ours: Figures, other: Figures) -> list[str]:
    """Returns the ratios of rate, p50 and p99."""
    pairs = ((ours.rate, other.rate), (ours.p50, other.p50), (ours.p99, other.p99))
    return [f"{mine / its:.2f}" for mine, its in pairs]
