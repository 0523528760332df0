"""Segments the person from the background. Importing this loads MediaPipe."""

from typing import Any

import cv2
import numpy as np

from services.video.engines.puppet.geometry.face import Face
from services.video.engines.puppet.geometry.types import Image, SoftMask
from services.video.engines.puppet.portrait.mediapipe_models import SelfieSegmentation
from services.video.engines.puppet.portrait.quiet_stderr import quiet_stderr

MAX_SIDE = 640
MIN_FACE_SHARE = 0.8


class Silhouette:
    """Segmentation model for persons."""

    def __init__(self) -> None:
        with quiet_stderr():
            self._model = SelfieSegmentation(model_selection=0)

    def around(self, image: Image, face: Face) -> SoftMask | None:
        """Returns how likely a person is at each pixel, 0 to 1; `None` if the face is not a person's."""
        height, width = image.shape[:2]
        scale = min(1.0, MAX_SIDE / max(height, width))
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        with quiet_stderr():
            found: Any = self._model.process(cv2.cvtColor(small, cv2.COLOR_BGR2RGB))
        person = np.asarray(cv2.resize(found.segmentation_mask, (width, height)), dtype=np.float32)
        x, y = np.clip(face.points.astype(int), 0, (width - 1, height - 1)).T
        return person if (person[y, x] > 0.5).mean() >= MIN_FACE_SHARE else None

    def close(self) -> None:
        self._model.close()
