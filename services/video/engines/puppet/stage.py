"""The portrait made ready to be moved: draws one frame after the other."""

from services.video.engines.puppet.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.canvas import Canvas
from services.video.engines.puppet.eyelid import Eyelid
from services.video.engines.puppet.face import Face
from services.video.engines.puppet.feature_frame import Region
from services.video.engines.puppet.head import HeadPose, Mask
from services.video.engines.puppet.lip_pose import LipPose
from services.video.engines.puppet.locator import Image
from services.video.engines.puppet.mouth import Mouth
from services.video.engines.puppet.movement import Movement
from services.video.engines.puppet.planes import Planes

LID_LEVELS = 12


class Stage:
    """Only what moves is drawn: the mouth, an eye that blinks, and the region around the head.

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
        times: int = 1,
        smooth: bool = True,
        camera_moves: bool = False,
    ) -> None:
        """`portrait` has even sides; `face` and `person` are in its pixels.

        The frames are the first `size` pixels of it, enlarged so many `times`. `smooth` is for portraits
        that are not enlarged.
        """
        self._mouth = Mouth(portrait, face, smooth=smooth)
        self._eyelids = [Eyelid(portrait, eye) for eye in face.eyes]
        self._lids: dict[int, list[Image]] = {}
        self._lid_level = 0
        self._canvas = Canvas(portrait, times)
        self._size = size
        self._movement = Movement(
            face.mapped((times, times), (0, 0)),
            size,
            None if person is None else _enlarged(person, times, size),
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
        shut: float,
        head: HeadPose,
        camera: CameraPose = STILL_CAMERA,
    ) -> None:
        """Everything that ever moves in `frame`, which shows `still` or an earlier frame."""
        self._lower_lids(round(shut * LID_LEVELS))
        self._canvas.lay(self._mouth.drawn(lips), self._mouth.region)
        self._movement.draw(self._canvas.planes, frame, head, camera)

    def _lower_lids(self, level: int) -> None:
        if level == self._lid_level:
            return
        if level not in self._lids:
            self._lids[level] = [lid.drawn(level / LID_LEVELS) for lid in self._eyelids]
        for lid, patch in zip(self._eyelids, self._lids[level], strict=True):
            self._canvas.lay(patch, lid.region)
        self._lid_level = level


def _enlarged(mask: Mask, times: int, size: tuple[int, int]) -> Mask:
    width, height = size
    return mask.repeat(times, axis=0).repeat(times, axis=1)[:height, :width]
