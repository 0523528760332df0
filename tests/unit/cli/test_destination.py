import io
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.cli.commands.render import render_to_file
from services.cli.connection import Target
from services.cli.destination import STDOUT, check_destination, draft_for, write_file
from services.cli.errors import CliError, UsageError
from services.cli.render_request import RenderRequest
from services.cli.stack.data_folder import DataFolder


def below_a_file(folder: Path) -> Path:
    (folder / "file").write_bytes(b"")
    return folder / "file" / "out.mp4"


def a_folder(folder: Path) -> Path:
    (folder / "out.mp4").mkdir()
    return folder / "out.mp4"


def a_pipe(folder: Path) -> Path:
    os.mkfifo(folder / "out.mp4")
    return folder / "out.mp4"


def too_long(folder: Path) -> Path:
    return folder / f"{'x' * 252}.mp4"


unwritable = pytest.mark.parametrize("destination", [below_a_file, a_folder, a_pipe, too_long])


@unwritable
def test_a_destination_that_cannot_be_a_file_is_refused(
    destination: Callable[[Path], Path], tmp_path: Path
) -> None:
    out = destination(tmp_path)

    with pytest.raises(UsageError, match=r"(out|xxx)\.mp4.*--out"):
        check_destination(out)


@unwritable
def test_a_bad_destination_is_refused_before_any_request(
    destination: Callable[[Path], Path], tmp_path: Path
) -> None:
    out = destination(tmp_path)
    image = tmp_path / "portrait.jpg"
    image.write_bytes(b"jpeg")
    unreachable = Target("http://127.0.0.1:1", "lk_1", DataFolder(tmp_path / "data"))

    with pytest.raises(UsageError, match="--out"):
        render_to_file(RenderRequest(script="hello", image=image), out, unreachable, json_lines=False)


def test_checking_a_destination_creates_its_folder_and_leaves_the_file_unchanged(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.mp4"
    check_destination(out)
    assert list(out.parent.iterdir()) == []

    out.write_bytes(b"old")
    check_destination(out)
    assert [(path.name, path.read_bytes()) for path in out.parent.iterdir()] == [("out.mp4", b"old")]


@pytest.mark.parametrize("destination", [below_a_file, a_folder, too_long])
def test_a_file_that_cannot_be_written_is_named_with_the_reason(
    destination: Callable[[Path], Path], tmp_path: Path
) -> None:
    with pytest.raises(CliError, match=r"Cannot write /.+\.mp4: (Not a|Is a|File name too)"):
        write_file(destination(tmp_path), b"mp4")
    assert not list(tmp_path.glob(".*"))


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_file(tmp_path / "a.mp3", b"mp3")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.mp3", b"mp3")]


class Terminal(io.TextIOWrapper):
    """A stdout that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_stdout_is_refused_if_it_is_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Terminal(io.BytesIO()))
    with pytest.raises(UsageError, match="which is a terminal now"):
        check_destination(STDOUT)


def test_stdout_is_written_to_and_is_no_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.chdir(tmp_path)
    check_destination(STDOUT)
    with draft_for(STDOUT) as draft:
        draft.write(b"mp4")
    assert capfdbinary.readouterr().out == b"mp4"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("out", "video_format", "json_lines", "message"),
    [
        ("out.avi", None, False, "should end with .mp4"),
        ("out", None, False, "should end with .mp4"),
        ("out.webm", None, False, "webm goes with --format vp9-alpha"),
        ("out.mp4", "prores4444", False, "ends with .mov"),
        ("out.mp4", "avi", False, "no such format"),
        ("-", None, True, "--json and -o -"),
    ],
)
def test_an_output_that_does_not_go_is_refused_before_any_request(
    out: str, video_format: str | None, json_lines: bool, message: str, tmp_path: Path
) -> None:
    image = tmp_path / "portrait.jpg"
    image.write_bytes(b"jpeg")
    unreachable = Target("http://127.0.0.1:1", "lk_1", DataFolder(tmp_path / "data"))
    request = RenderRequest(script="hello", image=image, video_format=video_format)

    with pytest.raises(UsageError, match=message):
        render_to_file(request, tmp_path / out if out != "-" else STDOUT, unreachable, json_lines)
    assert list(tmp_path.iterdir()) == [image]
