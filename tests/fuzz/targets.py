"""The list of all targets."""

from collections.abc import Mapping

from tests.fuzz import api, media_targets, script_targets
from tests.fuzz.target import FuzzTarget

TARGETS: Mapping[str, FuzzTarget] = {
    each.name: each for each in (*script_targets.TARGETS, *media_targets.TARGETS, *api.TARGETS)
}
