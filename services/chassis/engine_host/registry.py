"""Which engines a service can host. Nothing is imported before an engine is opened in its process."""

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import entry_points

from services.chassis.errors import EngineUnknown

ENTRY_POINT_GROUP = "likeness.engines"
OWN_PACKAGE = "likeness"


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """`path` is `module:Class`, a class whose constructor takes no arguments; `extra` names the pip
    extra that brings what it imports, `package` what to install it from."""

    name: str
    path: str
    extra: str = ""
    package: str = OWN_PACKAGE

    @property
    def install_command(self) -> str:
        """What brings a missing module; what built-in engines need without an extra is locked."""
        if not self.extra and self.package == OWN_PACKAGE:
            return "pip install --no-deps --require-hashes -r requirements/base.lock"
        requirement = f"{self.package}[{self.extra}]" if self.extra else self.package
        return f"pip install '{requirement}'"


class EngineRegistry:
    """The built-in engines of `service`, and those that installed packages offer for it.

    A package offers one through an entry point of the group `likeness.engines`, named
    `<service>.<engine>`. A built-in engine cannot be replaced in this way.
    """

    def __init__(self, service: str, builtin: Iterable[EngineEntry]) -> None:
        self.service = service
        offered = {entry.name: entry for entry in _offered_for(service)}
        self._entries = offered | {entry.name: entry for entry in builtin}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._entries))

    def find(self, name: str) -> EngineEntry:
        """Raises `EngineUnknown`."""
        try:
            return self._entries[name]
        except KeyError:
            known = ", ".join(self.names) or "none"
            raise EngineUnknown(
                f"The {self.service} service has no engine {name!r}. It has: {known}."
            ) from None

    def select(self, names: str) -> tuple[EngineEntry, ...]:
        """The entries of a comma-separated list, all of them if it is empty."""
        chosen = [name.strip() for name in names.split(",") if name.strip()]
        return tuple(self.find(name) for name in chosen or self.names)


def _offered_for(service: str) -> Iterable[EngineEntry]:
    for point in entry_points(group=ENTRY_POINT_GROUP):
        host, _, name = point.name.partition(".")
        if host == service:
            yield EngineEntry(
                name=name,
                path=f"{point.module}:{point.attr}",
                extra=next(iter(point.extras), ""),
                package=point.dist.name if point.dist is not None else point.module,
            )
