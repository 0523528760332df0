import numpy as np

from services.video.engines.puppet.portrait.cutout import in_own_colours, opacity_of


def picture() -> np.ndarray:
    """Returns a red person before a blue wall, who ends at column 60."""
    image = np.zeros((120, 160, 3), np.uint8)
    image[:, :60], image[:, 60:] = (20, 20, 200), (200, 60, 20)
    return image


def test_a_vague_likelihood_becomes_an_opacity_with_the_persons_edge() -> None:
    vague = np.tile(np.clip((66 - np.arange(160)) / 16 + 0.5, 0, 1), (120, 1)).astype(np.float32)
    opacity = opacity_of(vague, picture())
    assert opacity[:, :54].min() > 240 and opacity[:, 90:].max() < 10


def test_half_transparent_pixels_have_the_persons_colours() -> None:
    opacity = np.zeros((120, 160), np.uint8)
    opacity[:, :58] = 255
    opacity[:, 58:64] = 120
    own = in_own_colours(picture(), opacity)
    assert np.abs(own[:, 58:64].astype(int) - (20, 20, 200)).max() < 12
    assert np.array_equal(own[:, :58], picture()[:, :58])
