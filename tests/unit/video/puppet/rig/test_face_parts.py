import numpy as np

from services.video.engines.puppet.eyes.eyes import Eyes
from services.video.engines.puppet.eyes.pose import EYES_AT_REST, EyesPose
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.mouth.lip_pose import REST, LipPose
from services.video.engines.puppet.mouth.mouth import Mouth
from services.video.engines.puppet.portrait.canonical import canonical_face
from services.video.engines.puppet.rig.face_parts import FaceParts

SIZE = 480
UPRIGHT = canonical_face().mapped((90, 90), (-2.5, -1.6))
SPEAKING, ASTONISHED = LipPose(open=0.3, jaw=0.2), EyesPose(1, 1, brows=1)


def leaning() -> Face:
    angle = np.radians(35)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = UPRIGHT.points.mean(axis=0)
    return Face(((UPRIGHT.points - middle) @ turn + middle).astype(np.float32))


def portrait() -> np.ndarray:
    return np.random.default_rng(0).integers(90, 200, (SIZE, SIZE, 3)).astype(np.uint8)


def drawn(face: Face, *poses: tuple[LipPose, EyesPose]) -> np.ndarray:
    parts, canvas = FaceParts(portrait(), face), portrait()
    for lips, eyes in poses:
        for patch, region in parts.changed(lips, eyes):
            region.of(canvas)[:] = patch
    return canvas.astype(int)


def test_only_changed_parts_are_drawn_again() -> None:
    parts = FaceParts(portrait(), UPRIGHT)
    assert len(list(parts.changed(REST, EYES_AT_REST))) == 2
    assert list(parts.changed(REST, EYES_AT_REST)) == []
    ((mouth, _),) = parts.changed(SPEAKING, EYES_AT_REST)
    ((eyes, _),) = parts.changed(SPEAKING, ASTONISHED)
    assert mouth.shape != eyes.shape


def test_a_picture_does_not_depend_on_what_was_drawn_before() -> None:
    for face in (UPRIGHT, leaning()):
        at_once = drawn(face, (SPEAKING, ASTONISHED))
        lips_last = drawn(face, (REST, ASTONISHED), (SPEAKING, ASTONISHED))
        eyes_last = drawn(face, (SPEAKING, EYES_AT_REST), (SPEAKING, ASTONISHED))
        assert np.array_equal(at_once, lips_last) and np.array_equal(at_once, eyes_last)


def test_on_a_leaning_face_the_mouth_leaves_the_eyes_alone() -> None:
    face = leaning()
    canvas = drawn(face, (REST, EYES_AT_REST), (REST, ASTONISHED), (SPEAKING, ASTONISHED))
    eyes, mouth = Eyes(portrait(), face), Mouth(portrait(), face)
    inside = np.zeros((SIZE, SIZE), dtype=bool)
    eyes.region.of(inside)[:] = eyes.reach(eyes.region)
    in_both = inside.copy()
    in_both[:] = False
    mouth.region.of(in_both)[:] = mouth.region.of(inside)
    expected = portrait()
    eyes.region.of(expected)[:] = eyes.drawn(ASTONISHED)
    assert in_both.sum() > 1000, "the regions overlap"
    assert np.array_equal(canvas[inside], expected.astype(int)[inside])
