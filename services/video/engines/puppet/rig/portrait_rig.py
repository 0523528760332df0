"""Rigged portrait: draws one frame after the other in any pose."""

from services.video.engines.puppet.eyes.pose import EyesPose
from services.video.engines.puppet.frames.canvas import Canvas
from services.video.engines.puppet.frames.yuv_planes import Planes
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Array, Image, Mask, Plane, Region, Size
from services.video.engines.puppet.head.camera import STILL_CAMERA, CameraPose
from services.video.engines.puppet.head.movement import Movement
from services.video.engines.puppet.head.pose import HeadPose
from services.video.engines.puppet.head.tracked_points import TrackedPoints
from services.video.engines.puppet.mouth.lip_pose import LipPose
from services.video.engines.puppet.rig.face_parts import FaceParts


class PortraitRig:
    """Portrait prepared to be moved.

    Only what moves is drawn: a mouth and eyes that have changed, and the region around the head. What the
    face does is drawn on the canvas, in pixels of the portrait; what the head and the camera do is how the
    canvas is seen in the frame.
    """

    def __init__(
        self,
        portrait: Image,
        face: Face,
        size: Size,
        person: Mask | None = None,
        *,
        opacity: Plane | None = None,
        bounds: Region | None = None,
        times: int = 1,
        smooth: bool = True,
        camera_moves: bool = False,
    ) -> None:
        """Prepares the portrait, which has even sides.

        `face`, `person`, `opacity` and `bounds` are in its pixels. It fills the `bounds`; what is beside it
        stays still.

        The frames are its first `size` pixels, enlarged `times` times. `smooth` is for portraits that are not
        enlarged.
        """
        self._parts = FaceParts(portrait, face, smooth=smooth)
        self._canvas = Canvas(portrait, times, opacity)
        self._size = size
        self.face = face.mapped((times, times), (0, 0))
        self.drawn = tuple(region.times(times) for region in self._parts.regions)
        """Regions of the canvas that are ever drawn on.

        Like `face` they are in pixels of the frame, before anything moves.
        """
        self._movement = Movement(
            self.face,
            size,
            None if person is None else _enlarged(person, times, size),
            bounds=None if bounds is None else bounds.times(times),
            smooth=smooth,
            camera_moves=camera_moves,
        )

    @property
    def still(self) -> Planes:
        """Picture before anything moves."""
        return self._canvas.planes.of(Region(0, 0, *self._size))

    def track(self, points: Array) -> TrackedPoints:
        """Returns (n, 2) places of the picture at rest as points that can be found in any pose."""
        return self._movement.track(points)

    def draw(
        self,
        frame: Planes,
        lips: LipPose,
        eyes: EyesPose,
        head: HeadPose,
        camera: CameraPose = STILL_CAMERA,
    ) -> None:
        """Draws everything that ever moves in `frame`, which shows `still` or an earlier frame."""
        for patch, region in self._parts.changed(lips, eyes):
            self._canvas.paste(patch, region)
        self._movement.draw(self._canvas, frame, head, camera)


def _enlarged(mask: Mask, times: int, size: Size) -> Mask:
    width, height = size
    return mask.repeat(times, axis=0).repeat(times, axis=1)[:height, :width]
