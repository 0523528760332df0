import pytest

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Fit
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.portrait.framing import (
    drawn_size,
    enlargement,
    frame_face,
    framed_face,
    output_size,
)


def face_at(x: float, y: float, width: float = 100) -> Face:
    return canonical_face().mapped((width / 2, width / 2), (-x / (width / 2), -y / (width / 2)))


@pytest.mark.parametrize(
    ("portrait", "requested", "size"),
    [
        ((512, 600), (0, 0), (512, 600)),
        ((451, 300), (0, 0), (452, 300)),
        ((4000, 3000), (0, 0), (1280, 960)),
        ((3001, 3999), (0, 0), (960, 1280)),
        ((512, 600), (256, 2160), (256, 2160)),
        ((512, 600), (1024, 0), (1024, 1200)),
        ((512, 600), (0, 300), (256, 300)),
    ],
)
def test_the_size_is_as_requested_or_the_portraits_own(
    portrait: tuple[int, int], requested: tuple[int, int], size: tuple[int, int]
) -> None:
    assert output_size(portrait, requested) == size


@pytest.mark.parametrize("requested", [(511, 512), (512, 513), (-2, 512), (8, 512), (512, 10000)])
def test_sizes_that_no_encoder_takes_are_refused(requested: tuple[int, int]) -> None:
    with pytest.raises(InvalidArgument):
        output_size((512, 600), requested)


@pytest.mark.parametrize("size", [(512, 512), (1280, 720), (720, 1280), (256, 2160), (2160, 256)])
@pytest.mark.parametrize("centre", [(150, 150), (850, 150), (500, 350), (150, 550), (850, 550)])
def test_the_part_lies_in_the_portrait_and_has_the_shape_asked_for(
    size: tuple[int, int], centre: tuple[float, float]
) -> None:
    framing = frame_face((1000, 700), face_at(*centre, width=300), size)
    assert framing.left >= 0 and framing.left + framing.part_width <= 1000
    assert framing.top >= 0 and framing.top + framing.part_height <= 700
    assert framing.part_width == 1000 or framing.part_height == 700
    assert framing.part_width / framing.part_height == pytest.approx(size[0] / size[1], rel=0.02)


@pytest.mark.parametrize("centre", [(150, 300), (850, 300), (500, 300)])
def test_the_face_stays_in_view(centre: tuple[float, float]) -> None:
    framing = frame_face((1000, 700), face_at(*centre), (720, 1280))
    left, top, right, bottom = framed_face(face_at(*centre), framing).box
    assert left >= 0 and top >= 0 and right <= 720 and bottom <= 1280


@pytest.mark.parametrize("size", [(512, 512), (1280, 720), (720, 1280), (256, 2160), (2160, 256)])
def test_a_padded_portrait_is_seen_whole_in_the_middle_and_in_its_own_shape(size: tuple[int, int]) -> None:
    framing = frame_face((1000, 700), face_at(500, 350), size, Fit.PAD)
    place = framing.place
    assert (framing.part_width, framing.part_height) == (1000, 700)
    assert place.width == size[0] or place.height == size[1]
    assert place.width / place.height == pytest.approx(1000 / 700, rel=0.03)
    assert (
        abs(2 * place.left + place.width - size[0]) <= 2 and abs(2 * place.top + place.height - size[1]) <= 2
    )
    left, top, right, bottom = framed_face(face_at(500, 350), framing).box
    assert (left + right) / 2 == pytest.approx(size[0] / 2, abs=3)
    assert place.top < top < bottom < place.top + place.height


@pytest.mark.parametrize(
    ("portrait", "size", "times"),
    [
        ((512, 600), (512, 512), 1),
        ((512, 600), (1920, 1080), 3),
        ((3000, 2000), (1920, 1080), 1),
        ((64, 64), (1080, 1080), 4),
    ],
)
def test_no_pixel_of_a_portrait_is_lost_where_it_is_drawn_smaller(
    portrait: tuple[int, int], size: tuple[int, int], times: int
) -> None:
    assert enlargement(portrait, face_at(30, 30), size) == times
    width, height = drawn_size(size, times)
    assert width % 2 == height % 2 == 0
    assert size[0] <= width * times < size[0] + 2 * times and size[1] <= height * times < size[1] + 2 * times


def test_a_small_face_in_a_large_picture_is_shown_larger() -> None:
    framing = frame_face((4000, 3000), face_at(3100, 1900), (1280, 960))
    left, top, right, bottom = framed_face(face_at(3100, 1900), framing).box
    assert bottom - top == pytest.approx(0.2 * 960, rel=0.05)
    assert 0 < left < right < 1280


def test_a_tiny_face_is_not_shown_as_a_few_large_pixels() -> None:
    framing = frame_face((4000, 3000), face_at(3100, 1900, width=20), (1280, 960))
    assert max(framing.scale) == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("size", [(1920, 1080), (1081 * 2, 334)])
def test_a_picture_that_is_drawn_smaller_shows_the_same_part(size: tuple[int, int]) -> None:
    large, small = (frame_face((300, 400), face_at(150, 150), size, times=times) for times in (1, 3))
    assert (small.left, small.top, small.part_width) == (large.left, large.top, large.part_width)
    assert small.size == drawn_size(size, 3) and small.place.width * 3 >= large.place.width
