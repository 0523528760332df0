import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest

from services.cli.doctor.check import Check, Finding, Grade, exit_status
from services.cli.doctor.checks import all_checks
from services.cli.doctor.machine_checks import DataFolderWritable, DiskSpace, Fonts, Gpu, LoopbackPorts
from services.cli.doctor.program import ProgramResult, Runner, run_program
from services.cli.doctor.program_checks import Ffmpeg, Starts
from services.cli.doctor.python_checks import PythonVersion, Wheels
from services.cli.errors import StackError

GIB = 1024**3


def returns(status: int, output: str) -> Runner:
    return lambda _argv: ProgramResult(status, output)


def version_of(wheel: str) -> str:
    if wheel == "absent":
        raise metadata.PackageNotFoundError(wheel)
    return "1.0"


def missing_program() -> Path:
    raise StackError("it is missing")


def no_ffmpeg() -> str:
    raise RuntimeError("No ffmpeg exe could be found")


def no_loopback(_count: int) -> list[int]:
    raise OSError("Cannot assign requested address")


def imports(**errors: str) -> Runner:
    lines = [json.dumps([module, error]) for module, error in errors.items()]
    return returns(0, "\n".join(["a warning on the way", *lines]))


def wheel(name: str, run: Runner) -> Wheels:
    return Wheels({name: "module"}, run, version_of)


FFMPEG = "V..... libx264\nA..... aac  AAC\n ebur128 A->A\nffmpeg version 9 Copyright"


@pytest.mark.parametrize(
    ("check", "grade", "detail"),
    [
        (PythonVersion((3, 11, 0)), Grade.OK, "3.11.0"),
        (PythonVersion((3, 12, 9)), Grade.OK, "3.12.9"),
        (PythonVersion((3, 10, 14)), Grade.FAIL, "not supported"),
        (PythonVersion((3, 13, 0)), Grade.FAIL, "not supported"),
        (wheel("there", imports(module="")), Grade.OK, "1.0"),
        (wheel("broken", imports(module="ImportError: x")), Grade.FAIL, "ImportError: x"),
        (wheel("absent", imports(module="ImportError: x")), Grade.FAIL, "is not installed"),
        (wheel("crashes", returns(-11, "")), Grade.FAIL, "crashes"),
        (
            Starts("weed", lambda: Path("weed"), ("version",), returns(0, "version 4\nmore")),
            Grade.OK,
            "version 4",
        ),
        (Starts("weed", lambda: Path("weed"), (), returns(127, "no such file")), Grade.FAIL, "no such file"),
        (Starts("weed", missing_program, (), returns(0, "")), Grade.FAIL, "it is missing"),
        (Ffmpeg(lambda: "ffmpeg", returns(0, FFMPEG)), Grade.OK, "libx264, aac, ebur128"),
        (Ffmpeg(lambda: "ffmpeg", returns(0, "V libx264")), Grade.FAIL, "has no aac, ebur128"),
        (Ffmpeg(no_ffmpeg, returns(0, "")), Grade.FAIL, "No ffmpeg exe"),
        (LoopbackPorts(3), Grade.OK, "3 free ones found"),
        (LoopbackPorts(3, no_loopback), Grade.FAIL, "Cannot assign"),
        (DiskSpace(Path("/"), lambda _: GIB // 2), Grade.FAIL, "0.5 GiB"),
        (DiskSpace(Path("/"), lambda _: 2 * GIB), Grade.WARN, "2.0 GiB"),
        (DiskSpace(Path("/not/there"), lambda _: 9 * GIB), Grade.OK, "9.0 GiB free in /"),
        (Fonts((Path("/not/there"),)), Grade.WARN, "no font"),
        (Gpu(returns(0, "H200, 141 GB")), Grade.OK, "H200"),
        (Gpu(returns(127, "no nvidia-smi")), Grade.OK, "none is needed"),
    ],
)
def test_a_check_returns_a_grade_and_its_reason(check: Check, grade: Grade, detail: str) -> None:
    (finding,) = check.run()

    assert finding.grade is grade
    assert detail in finding.detail
    assert bool(finding.fix) == (grade is not Grade.OK)


def test_a_font_is_found_in_a_subfolder(tmp_path: Path) -> None:
    font = tmp_path / "truetype" / "some.ttf"
    font.parent.mkdir()
    font.touch()

    assert Fonts((tmp_path,)).run() == [Finding("fonts", Grade.OK, str(font))]


def test_a_data_folder_that_is_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert DataFolderWritable(tmp_path / "new").run()[0].grade is Grade.OK
    assert DataFolderWritable(tmp_path / "file").run()[0].grade is Grade.FAIL


@pytest.mark.parametrize(
    ("grades", "status"),
    [([Grade.OK], 0), ([Grade.OK, Grade.WARN], 0), ([Grade.OK, Grade.FAIL, Grade.WARN], 1)],
)
def test_only_a_failure_fails(grades: list[Grade], status: int) -> None:
    assert exit_status([Finding("x", grade, "") for grade in grades]) == status


@pytest.mark.parametrize(
    ("argv", "status"), [(["true"], 0), (["false"], 1), (["likeness-no-such-program"], 127)]
)
def test_running_a_program_returns_its_status_and_never_raises(argv: Sequence[str], status: int) -> None:
    assert run_program(argv).status == status


def test_this_machine_passes_every_check(tmp_path: Path) -> None:
    findings = [finding for check in all_checks(tmp_path) for finding in check.run()]

    assert [finding for finding in findings if finding.grade is Grade.FAIL] == []
    assert {"PostgreSQL", "nats-server", "SeaweedFS", "ffmpeg"} <= {finding.name for finding in findings}
