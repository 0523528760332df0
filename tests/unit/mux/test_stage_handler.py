from pathlib import Path

import pytest

from likeness.mux.v1.mux_pb2 import AssemblyTask
from services.chassis.engine_api.video_format import VideoFormat
from services.chassis.errors import InvalidArgument
from services.mux.stage_handler import assembly_from


@pytest.mark.parametrize(("name", "meant"), [("", VideoFormat.MP4), ("vp9-alpha", VideoFormat.VP9_ALPHA)])
def test_a_format_goes_by_its_name(name: str, meant: VideoFormat, tmp_path: Path) -> None:
    assert assembly_from(AssemblyTask(format=name), {}, tmp_path).format is meant


def test_a_format_that_is_unknown_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match=r"'gif' is unknown: .*prores4444"):
        assembly_from(AssemblyTask(format="gif"), {}, tmp_path)
