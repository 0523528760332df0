"""Lists all checks of `likeness doctor`, in the order in which they are shown."""

from pathlib import Path

from services.cli.doctor.check import Check
from services.cli.doctor.machine_checks import DataFolderWritable, DiskSpace, Fonts, Gpu, LoopbackPorts
from services.cli.doctor.program_checks import Ffmpeg, Starts, bundled_ffmpeg
from services.cli.doctor.python_checks import PythonVersion, Wheels
from services.cli.stack.servers.nats import wheel_script
from services.cli.stack.servers.postgres_files import postgres_program
from services.cli.stack.stack_services import stack_port_names


def all_checks(data: Path) -> list[Check]:
    return [
        PythonVersion(),
        Wheels(),
        Starts("PostgreSQL", lambda: postgres_program("postgres"), ("--version",)),
        Starts("nats-server", lambda: wheel_script("nats-server"), ("-v",)),
        Starts("SeaweedFS", lambda: wheel_script("weed"), ("version",)),
        Ffmpeg(bundled_ffmpeg),
        LoopbackPorts(len(stack_port_names())),
        DataFolderWritable(data),
        DiskSpace(data),
        Fonts(),
        Gpu(),
    ]
