"""Request models of a portrait and of the face in it."""

from typing import Annotated, Any

from pydantic import Field, model_validator

from services.gateway.jobs.request import Strict

Point = Annotated[tuple[float, float], Field(description="x, y in pixels of the portrait")]
Length = Annotated[float, Field(gt=0)]
MAX_FACES = 100


class Landmarks(Strict):
    """Points of the face, in pixels of the portrait; left is the left of the picture.

    Lips and chin are estimated where they are left out.
    """

    left_eye: Point
    right_eye: Point
    mouth_left: Point
    mouth_right: Point
    upper_lip: Point | None = Field(default=None, description="Middle of the upper lip's upper edge.")
    lower_lip: Point | None = Field(default=None, description="Middle of the lower lip's lower edge.")
    chin: Point | None = Field(default=None, description="Lowest point of the chin.")


class FaceChoice(Strict):
    """Choice of one of several faces, by its rank or by a box around it."""

    index: int | None = Field(default=None, ge=0, lt=MAX_FACES, description="0 is the largest face.")
    box: tuple[float, float, Length, Length] | None = Field(
        default=None, description="Left, top, width and height around the face, in pixels of the portrait."
    )

    @model_validator(mode="after")
    def says_it_once(self) -> "FaceChoice":
        if (self.index is None) == (self.box is None):
            raise ValueError("needs exactly one of index and box")
        return self


class Avatar(Strict):
    """A portrait; which of its faces speaks; and where the face cannot be found by itself (animals,
    drawings), its landmarks."""

    image: str = Field(description="An image asset: the portrait.")
    face: FaceChoice | None = Field(
        default=None, description="Which of several faces speaks; by default the largest."
    )
    landmarks: Landmarks | None = Field(
        default=None, description="Points of a face that is not found by itself, such as an animal's."
    )

    @model_validator(mode="after")
    def names_one_face(self) -> "Avatar":
        if self.face is not None and self.landmarks is not None:
            raise ValueError("needs either face or landmarks: landmarks already say which face")
        return self


def landmarks_of(avatar: Avatar | None) -> dict[str, tuple[float, float]] | None:
    """Returns the landmarks that are given, by name; `None` if there are none."""
    landmarks = avatar.landmarks if avatar else None
    return landmarks.model_dump(exclude_none=True) if landmarks else None


def face_of(avatar: Avatar | None) -> dict[str, Any] | None:
    """Returns the choice of a face as the video service's task has it, in JSON."""
    face = avatar.face if avatar else None
    if face is None:
        return None
    if face.box is None:
        return {"index": face.index}
    return {"box": dict(zip(("left", "top", "width", "height"), face.box, strict=True))}
