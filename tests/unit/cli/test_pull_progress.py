import io

from rich.console import Console

from services.chassis.models.catalogue import Archive
from services.cli.pull_progress import LivePull, PlainPull

ARCHIVE = Archive("voices-1.tgz", "npm", "voices", "1.2", "", 2_500_000)


def test_plain_lines_tell_each_archive_once_when_it_is_here() -> None:
    out = io.StringIO()
    with PlainPull(out) as progress:
        for done in (1_000_000, 2_500_000, 2_500_000):
            progress.report(ARCHIVE, done)
    assert out.getvalue().splitlines() == ["voices 1.2: 2.5 MB"]


def test_live_progress_shows_a_bar_for_each_archive() -> None:
    console = Console(file=io.StringIO(), width=100)
    with LivePull(console) as progress:
        progress.report(ARCHIVE, 1_000_000)
        progress.report(ARCHIVE, 2_500_000)
    assert isinstance(console.file, io.StringIO)
    (line,) = [line for line in console.file.getvalue().splitlines() if "voices" in line]
    assert "2.5/2.5 MB" in line
