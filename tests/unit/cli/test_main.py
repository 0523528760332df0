"""How the command line ends: its exit status, and what it prints."""

import signal
import sys
from types import SimpleNamespace

import pytest

from services.chassis.errors import LikenessError
from services.cli.__main__ import main
from services.cli.errors import CliError, GatewayRefused, JobFailed, UsageError
from services.cli.interrupt import Interrupted


@pytest.mark.parametrize(
    ("error", "status", "printed"),
    [
        (JobFailed("No face."), 1, "error: No face.\n"),
        (CliError("No stack."), 1, "error: No stack.\n"),
        (LikenessError("It broke."), 1, "error: It broke.\n"),
        (UsageError("Not both."), 2, "error: Not both.\n"),
        (GatewayRefused("No voice.", code="voice_unknown", status=422), 2, "error: No voice.\n"),
        (GatewayRefused("No job.", code="job_not_found", status=404), 1, "error: No job.\n"),
        (Interrupted(signal.SIGINT), 130, ""),
        (Interrupted(signal.SIGTERM), 143, ""),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_ends_the_command_with_its_status(
    error: BaseException,
    status: int,
    printed: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def build_app() -> None:
        raise error

    monkeypatch.setitem(sys.modules, "services.cli.app", SimpleNamespace(build_app=build_app))  # pyright: ignore[reportArgumentType]
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == status
    assert capsys.readouterr() == ("", printed)
