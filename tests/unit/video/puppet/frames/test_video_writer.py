from pathlib import Path

import av
import numpy as np
import pytest

from services.video.engines.puppet.frames.video_writer import VideoWriter
from services.video.engines.puppet.frames.yuv_planes import Planes

SIZE = 70, 50


def still() -> Planes:
    return Planes.from_bgr(np.full((SIZE[1], SIZE[0], 3), 60, np.uint8))


def test_every_frame_shows_what_was_drawn_for_it(tmp_path: Path) -> None:
    """Draws over frames while others are still encoded; none may be seen in another's place."""
    with VideoWriter(tmp_path / "video.mp4", still(), 25.0) as writer:
        for number in range(40):
            writer.next_frame().y[10:40, 10:60] = 20 + 5 * number
            writer.append()
    with av.open(str(tmp_path / "video.mp4")) as container:
        frames = [frame.to_ndarray() for frame in container.decode(video=0)]
    assert [frame[25, 35] for frame in frames] == pytest.approx([20 + 5 * n for n in range(40)], abs=4)
    assert all(abs(int(frame[2, 2]) - int(still().y[0, 0])) < 4 for frame in frames)


def test_an_error_while_drawing_is_not_hidden_by_the_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), VideoWriter(tmp_path / "video.mp4", still(), 25.0) as writer:
        writer.append()
        raise ZeroDivisionError
