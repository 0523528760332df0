"""Finds the kinds of attacks: each module in `tests/hostile/kinds` has its own as `ATTACKS`."""

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from tests.hostile.attack import Attack

FOLDER = Path(__file__).parent / "kinds"


def kind_names() -> Sequence[str]:
    return sorted(each.stem for each in FOLDER.glob("*.py") if each.stem != "__init__")


def load_kinds(wanted: Collection[str] = (), named: str = "") -> Mapping[str, Sequence[Attack]]:
    """Returns the attacks of each wanted kind, by default of all; of each, those with that text in
    their names.

    Raises ValueError for a kind that does not exist, and for an attack of another kind than its module's.
    """
    if unknown := set(wanted) - set(kind_names()):
        raise ValueError(
            f"There is no kind {', '.join(sorted(unknown))}; there are {', '.join(kind_names())}."
        )
    found = {name: attacks_of(name) for name in kind_names() if not wanted or name in wanted}
    return {kind: [each for each in attacks if named in each.name] for kind, attacks in found.items()}


def attacks_of(kind: str) -> Sequence[Attack]:
    attacks: Sequence[Attack] = import_module(f"tests.hostile.kinds.{kind}").ATTACKS
    if strangers := [each.name for each in attacks if each.kind != kind]:
        raise ValueError(f"Attacks of another kind in {kind}.py: {', '.join(strangers)}.")
    return attacks
