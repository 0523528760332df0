import numpy as np
import pytest

from tests.unit.video.puppet.mouth.colour_distance import colour_distance, lab_distance

PUBLISHED = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.49, -0.001), (50.0, -2.49, 0.0011), 7.2195),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "distance"), PUBLISHED)
def test_it_is_that_of_the_published_pairs(
    one: tuple[float, ...], other: tuple[float, ...], distance: float
) -> None:
    assert lab_distance(np.array([one]), np.array([other]))[0] == pytest.approx(distance, abs=1e-4)


def test_a_colour_is_at_no_distance_from_itself() -> None:
    colours = np.array([[20, 90, 200], [128, 128, 128]])
    assert colour_distance(colours, colours) == pytest.approx([0, 0])
