"""Error texts for clients name no files of the server."""

import pytest

from services.chassis.text.without_paths import without_paths


@pytest.mark.parametrize(
    ("text", "public"),
    [
        (
            "error: OpenCV(5.0.0) /io/opencv/modules/imgproc/src/resize.cpp:4152: error: (-215:Assertion "
            "failed) !ssize.empty() in function 'resize'\n",
            "error: error: (-215:Assertion failed) !ssize.empty() in function 'resize'\n",
        ),
        ("OpenCV(4.13.0-dev) D:\\a\\opencv\\resize.cpp:41: error: no", "error: no"),
        (
            "FileNotFoundError: [Errno 2] No such file or directory: '/srv/likeness/models/en.onnx'",
            "FileNotFoundError: [Errno 2] No such file or directory: '[file]'",
        ),
        ('File "/usr/lib/python3.11/wave.py", line 5', 'File "[file]", line 5'),
        ("cannot open ../models/voice.bin", "cannot open [file]"),
        ("cannot open ~/models/voice.bin:12:3", "cannot open [file]"),
        ("see file:///tmp/scratch/a.wav now", "see [file] now"),
        ("C:\\models\\a.onnx is missing", "[file] is missing"),
        ("modules/imgproc/src/resize.cpp:88 failed", "[file] failed"),
        ("(/tmp/x)", "([file])"),
        ("/tmp/likeness-upload-a8x/upload: Invalid data", "[file]: Invalid data"),
        ("GET /v1/voices lists them all.", "GET /v1/voices lists them all."),
        ("POST /v1/assets/uploads/{id}/complete", "POST /v1/assets/uploads/{id}/complete"),
        ("Send audio/wav or image/png.", "Send audio/wav or image/png."),
        ("It runs at 24000/1001 frames and/or 25.", "It runs at 24000/1001 frames and/or 25."),
        ("A ratio of 16:9, 3 / 4, or 1/2.", "A ratio of 16:9, 3 / 4, or 1/2."),
        ("https://example.com/a", "https://example.com/a"),
        ("The speech has 3 words.", "The speech has 3 words."),
    ],
)
def test_paths_are_left_out(text: str, public: str):
    assert without_paths(text) == public
