"""Builds the rig of a portrait from a request. Importing this loads MediaPipe."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from services.chassis.errors import InvalidArgument
from services.video.engines.protocol import Inspection, Rendering
from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image, Plane, Region, Size, SoftMask
from services.video.engines.puppet.portrait import framing
from services.video.engines.puppet.portrait.background import composed, own_opacity
from services.video.engines.puppet.portrait.cutout import in_own_colours, opacity_of
from services.video.engines.puppet.portrait.face_selection import find_face
from services.video.engines.puppet.portrait.framing import Framing
from services.video.engines.puppet.portrait.locator import GuidedMesh
from services.video.engines.puppet.portrait.mediapipe_mesh import MediaPipeMesh
from services.video.engines.puppet.portrait.read import Portrait, read_portrait
from services.video.engines.puppet.portrait.silhouette import Silhouette
from services.video.engines.puppet.rig.portrait_rig import PortraitRig

ENLARGED = 1.4


@dataclass(frozen=True, slots=True)
class Composition:
    """Portrait as it is shown in a video of `size`, in a picture to be enlarged `times` times.

    `person` is how likely there is one, `opacity` that of an overlay; both (height, width).
    """

    picture: Image
    face: Face
    size: Size
    frame: Framing
    times: int
    person: SoftMask | None
    opacity: Plane | None


class RigSetup:
    """Finds faces and persons, with models that are loaded once, and builds rigs with them."""

    def __init__(self, max_pixels: int) -> None:
        """Loads the models; pictures have at most `max_pixels`."""
        # One frame is drawn while another is encoded: more threads would only wait for each other.
        cv2.setNumThreads(1)
        self._mesh, self._silhouette = MediaPipeMesh(), Silhouette()
        self._max_pixels = max_pixels

    def close(self) -> None:
        self._mesh.close()
        self._silhouette.close()

    def find(self, request: Rendering | Inspection) -> tuple[Portrait, Face]:
        """Returns the portrait and the face that is meant in it.

        Raises `FaceNotFound`, `MediaUnreadable`, or `InvalidArgument` for landmarks that make no face.
        """
        portrait = read_portrait(request.portrait, self._max_pixels)
        if request.landmarks is not None:
            return portrait, GuidedMesh(request.landmarks, self._mesh).locate(portrait.image)
        return portrait, find_face(self._mesh, portrait.image, request.face)

    def build_rig(self, request: Rendering, *, camera_moves: bool = False) -> PortraitRig:
        """Returns the rig for a rendering. Raises what `compose` raises."""
        shown = self.compose(request, request.background)
        return PortraitRig(
            shown.picture,
            shown.face,
            shown.size,
            None if shown.person is None else shown.person > 0.5,
            opacity=shown.opacity,
            bounds=shown.frame.place,
            times=shown.times,
            smooth=max(shown.frame.scale) < ENLARGED,
            camera_moves=camera_moves,
        )

    def compose(self, request: Rendering | Inspection, background: str | Path | None = None) -> Composition:
        """Returns the portrait as it is shown in the video.

        Raises what `find` raises, and `InvalidArgument` for a size or background that cannot be, and for a
        format with opacity if no person can be cut out.
        """
        portrait, face = self.find(request)
        size = framing.output_size(portrait.size, (request.width, request.height))
        times = framing.enlargement(portrait.size, face, size, request.fit)
        frame = framing.frame_face(portrait.size, face, size, request.fit, times)
        picture = composed(portrait, frame, background, self._max_pixels)
        face = framing.framed_face(face, frame)
        person, opacity = self._person(picture, face, frame.place), None
        if request.format.has_opacity:
            opacity = _opacity(portrait, frame, person, picture)
            picture = in_own_colours(picture, opacity)
        return Composition(picture, face, size, frame, times, person, opacity)

    def _person(self, picture: Image, face: Face, place: Region) -> SoftMask | None:
        """Returns how likely there is a person; what is beside the portrait would only confuse the model."""
        found = self._silhouette.around(place.of(picture), face.mapped((1, 1), (place.left, place.top)))
        if found is None:
            return None
        person = np.zeros(picture.shape[:2], dtype=np.float32)
        place.of(person)[:] = found
        return person


def _opacity(portrait: Portrait, frame: Framing, person: SoftMask | None, picture: Image) -> Plane:
    """Returns the portrait's own opacity, or that of the person in it.

    Raises `InvalidArgument` if it has neither.
    """
    own = own_opacity(portrait, frame)
    if own is not None:
        return own
    if person is None:
        raise InvalidArgument(
            "The one in the portrait cannot be told from the background. For a video with opacity, send a "
            "PNG or WebP picture whose background is transparent."
        )
    place, opacity = frame.place, np.zeros(person.shape, dtype=np.uint8)
    place.of(opacity)[:] = opacity_of(place.of(person), place.of(picture))
    return opacity
