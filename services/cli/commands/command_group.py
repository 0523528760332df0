"""Lists commands under headings, and ends each command's help with examples."""

from collections import defaultdict
from typing import Any

from typer.core import TyperGroup

FIRST_SENTENCE = 1000
"""More characters than a command's first sentence has: it is wrapped, and never cut."""


class CommandGroup(TyperGroup):
    """A group whose help lists its commands under the headings that they were added with."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        by_heading: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        width = max(len(name) for name in self.commands)
        for name, command in self.commands.items():
            heading = getattr(command, "rich_help_panel", None)
            by_heading[heading if isinstance(heading, str) else "Commands"].append(
                (name.ljust(width), command.get_short_help_str(FIRST_SENTENCE))
            )
        for heading, rows in by_heading.items():
            with formatter.section(heading):
                formatter.write_dl(rows)


def examples_text(lines: tuple[str, ...]) -> str:
    """Returns the end of a command's help. The mark in its first line keeps the lines from being filled."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines)])
