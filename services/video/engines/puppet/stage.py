"""The portrait made ready to be moved: draws one frame after the other."""

from collections import OrderedDict

from services.video.engines.puppet.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.canvas import Canvas
from services.video.engines.puppet.eyes import Eyes
from services.video.engines.puppet.eyes_pose import EYES_AT_REST, EyesPose
from services.video.engines.puppet.face import Face
from services.video.engines.puppet.feature_frame import Region
from services.video.engines.puppet.head import HeadPose, Mask
from services.video.engines.puppet.lip_pose import LipPose
from services.video.engines.puppet.locator import Image
from services.video.engines.puppet.mouth import Mouth
from services.video.engines.puppet.movement import Movement
from services.video.engines.puppet.planes import Plane, Planes

KEPT_EYES = 64


class Stage:
    """Only what moves is drawn: a mouth and eyes that have changed, and the region around the head.

    What the face does is drawn on the canvas, in pixels of the portrait; what the head and the camera do
    is how the canvas is seen in the frame.
    """

    def __init__(
        self,
        portrait: Image,
        face: Face,
        size: tuple[int, int],
        person: Mask | None = None,
        *,
        opacity: Plane | None = None,
        bounds: Region | None = None,
        times: int = 1,
        smooth: bool = True,
        camera_moves: bool = False,
    ) -> None:
        """`portrait` has even sides; `face`, `person`, `opacity` and `bounds` are in its pixels.

        The portrait fills the `bounds`; what is beside it stays still.

        The frames are the first `size` pixels of it, enlarged so many `times`. `smooth` is for portraits
        that are not enlarged.
        """
        self._mouth = Mouth(portrait, face, smooth=smooth)
        self._lips: LipPose | None = None
        self._eyes = Eyes(portrait, face, smooth=smooth)
        self._eyes_pose = EYES_AT_REST
        self._kept: OrderedDict[EyesPose, Image] = OrderedDict()
        self._canvas = Canvas(portrait, times, opacity)
        self._size = size
        self._movement = Movement(
            face.mapped((times, times), (0, 0)),
            size,
            None if person is None else _enlarged(person, times, size),
            bounds=None if bounds is None else bounds.times(times),
            smooth=smooth,
            camera_moves=camera_moves,
        )

    @property
    def still(self) -> Planes:
        """The picture as it is before anything moves."""
        return self._canvas.planes.of(Region(0, 0, *self._size))

    def draw(
        self,
        frame: Planes,
        lips: LipPose,
        eyes: EyesPose,
        head: HeadPose,
        camera: CameraPose = STILL_CAMERA,
    ) -> None:
        """Everything that ever moves in `frame`, which shows `still` or an earlier frame."""
        if eyes != self._eyes_pose:
            self._canvas.lay(self._drawn_eyes(eyes), self._eyes.region)
            self._eyes_pose = eyes
        if lips != self._lips:
            self._canvas.lay(self._mouth.drawn(lips), self._mouth.region)
            self._lips = lips
        self._movement.draw(self._canvas.planes, frame, head, camera)

    def _drawn_eyes(self, pose: EyesPose) -> Image:
        """Poses come again, in every blink: the last ones are kept."""
        if pose not in self._kept:
            self._kept[pose] = self._eyes.drawn(pose)
            if len(self._kept) > KEPT_EYES:
                self._kept.popitem(last=False)
        self._kept.move_to_end(pose)
        return self._kept[pose]


def _enlarged(mask: Mask, times: int, size: tuple[int, int]) -> Mask:
    width, height = size
    return mask.repeat(times, axis=0).repeat(times, axis=1)[:height, :width]
