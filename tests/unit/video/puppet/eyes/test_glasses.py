from services.video.engines.puppet.eyes.glasses import wears_glasses
from tests.unit.video.puppet.drawn_face import FACE, portrait


def test_glasses_are_detected_by_their_bridge() -> None:
    assert wears_glasses(portrait(bridge=True), FACE)
    assert not wears_glasses(portrait(), FACE)
