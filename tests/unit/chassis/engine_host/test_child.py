"""Errors as an engine's process reports them."""

import pytest

from services.chassis.engine_host.child import failure
from services.chassis.engine_host.frames import Failed


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("no such rate"), "ValueError: no such rate"),
        (
            RuntimeError("OpenCV(5.0.0) /io/opencv/modules/core/src/alloc.cpp:73: error: (-4) no room"),
            "RuntimeError: error: (-4) no room",
        ),
        (FileNotFoundError(2, "No such file", "/srv/models/en.onnx"), "[Errno 2] No such file: '[file]'"),
    ],
)
def test_it_names_no_file_of_the_server(error: Exception, message: str):
    told = failure(error)
    assert isinstance(told, Failed)
    assert told.message.endswith(message)
