"""How a request names a portrait and the face in it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Point = Annotated[tuple[float, float], Field(description="x, y in pixels of the portrait")]
Length = Annotated[float, Field(gt=0)]
MOST_FACES = 100


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Landmarks(Strict):
    """Where the face is, in pixels of the portrait; left is the left of the picture.

    Lips and chin are guessed where they are left out.
    """

    left_eye: Point
    right_eye: Point
    mouth_left: Point
    mouth_right: Point
    upper_lip: Point | None = None
    lower_lip: Point | None = None
    chin: Point | None = None


class FaceChoice(Strict):
    """Which of several faces."""

    index: int | None = Field(default=None, ge=0, lt=MOST_FACES, description="0 is the largest face.")
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

    image: str
    face: FaceChoice | None = None
    landmarks: Landmarks | None = None

    @model_validator(mode="after")
    def names_one_face(self) -> "Avatar":
        if self.face is not None and self.landmarks is not None:
            raise ValueError("needs either face or landmarks: landmarks already say which face")
        return self
