"""Lists the kinds of jobs that this gateway knows."""

from importlib.metadata import entry_points

from services.gateway.audio.kind import AUDIO
from services.gateway.cloned_voices.kind import VOICE
from services.gateway.jobs.kinds import AnyKind
from services.gateway.videos.kind import VIDEO

ENTRY_POINT_GROUP = "likeness.kinds"
"""An entry point of this group names a `JobKind`, such as `my_package.kind:KIND`."""
KINDS: tuple[AnyKind, ...] = (
    VIDEO,
    AUDIO,
    VOICE,
)


def load_kinds() -> tuple[AnyKind, ...]:
    """Returns the kinds above and those of installed packages. Raises `ValueError` for a name or URL that is
    given twice."""
    kinds = (*KINDS, *(point.load() for point in entry_points(group=ENTRY_POINT_GROUP)))
    for part in ("name", "url"):
        values = [getattr(kind, part) for kind in kinds]
        if twice := {value for value in values if values.count(value) > 1}:
            raise ValueError(f"Two kinds of jobs have the same {part}: {', '.join(sorted(twice))}.")
    return kinds
