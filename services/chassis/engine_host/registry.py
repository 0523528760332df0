"""The registry of the engines that a service can host.

No engine is imported before it is opened in its own process.
"""

from collections.abc import Iterable
from importlib.metadata import entry_points

from services.chassis.engine_api.entry import EngineEntry
from services.chassis.errors import EngineUnknown

ENTRY_POINT_GROUP = "likeness.engines"


class EngineRegistry:
    """The built-in engines of `service`, and those that installed packages offer for it.

    A package offers one through an entry point of the group `likeness.engines`, named `<service>.<engine>`. A
    built-in engine cannot be replaced in this way.
    """

    def __init__(self, service: str, builtin: Iterable[EngineEntry]) -> None:
        self.service = service
        offered = {entry.name: entry for entry in _offered_for(service)}
        self._entries = offered | {entry.name: entry for entry in builtin}

    @property
    def names(self) -> tuple[str, ...]:
        """Returns the names of all engines, sorted."""
        return tuple(sorted(self._entries))

    def find(self, name: str) -> EngineEntry:
        """Returns the entry of an engine. Raises `EngineUnknown`."""
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self.names) or "none"
            raise EngineUnknown(
                f"The {self.service} service has no engine {name!r}. It has: {known}."
            ) from None

    def select(self, names: str) -> tuple[EngineEntry, ...]:
        """Returns the entries of a comma-separated list of names, all entries if it is empty.

        Raises `EngineUnknown`.
        """
        chosen = [name.strip() for name in names.split(",") if name.strip()]
        return tuple(self.find(name) for name in chosen or self.names)


def _offered_for(service: str) -> Iterable[EngineEntry]:
    """Yields the entries that installed packages offer for `service`."""
    for point in entry_points(group=ENTRY_POINT_GROUP):
        host, _, name = point.name.partition(".")
        if host == service:
            yield EngineEntry(
                name=name,
                path=f"{point.module}:{point.attr}",
                extra=next(iter(point.extras), ""),
                package=point.dist.name if point.dist is not None else point.module,
            )
