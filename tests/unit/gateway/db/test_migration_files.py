"""Tests that migrations form one chain, in files that are named by their revisions."""

import re
from importlib import import_module
from pathlib import Path

from services.gateway.db.migrations import versions

FOLDER = Path(versions.__path__[0])
MODULES = sorted(path.stem for path in FOLDER.glob("[0-9]*.py"))
README = (FOLDER / "README.md").read_text()


def revisions() -> list[tuple[str, str | None]]:
    """Returns revision and predecessor of each module, in the order of their names."""
    modules = [import_module(f"{versions.__name__}.{name}") for name in MODULES]
    return [(module.revision, module.down_revision) for module in modules]


def test_each_migration_follows_the_one_before_it():
    found = [revision for revision, _ in revisions()]
    assert [before for _, before in revisions()] == [None, *found[:-1]]


def test_files_are_named_by_their_revisions():
    assert [name.partition("_")[0] for name in MODULES] == [revision for revision, _ in revisions()]
    assert sorted(path.stem for path in FOLDER.glob("*.sql")) == MODULES


def test_a_number_that_is_missing_is_explained():
    last = int(MODULES[-1][:4])
    numbers = {f"{number:04}" for number in range(1, last + 1)}
    missing = numbers - {name[:4] for name in MODULES}
    assert missing == set(re.findall(r"There is no (\d{4})\b", README))
