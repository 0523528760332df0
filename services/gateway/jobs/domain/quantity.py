"""How much a stage has to do, as far as it is known when the job is planned."""

from dataclasses import dataclass
from enum import StrEnum


class Unit(StrEnum):
    """Units in which the amount of a stage is counted."""

    CHARACTER = "character"
    SECOND_OF_SPEECH = "second_of_speech"
    SECOND_OF_VIDEO = "second_of_video"
    STAGE = "stage"
    """For stages whose amount is not known."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """The amount of one stage.

    `work` is what its run time is proportional to, among the stages of one engine: for pictures seconds times
    megapixels. `media_seconds` is the expected length of what it makes; 0 if that is not known. `estimated`
    is the share of amount and work, from 0 to 1, that grows with the length of speech which has not been
    spoken yet.
    """

    unit: Unit = Unit.STAGE
    amount: float = 1.0
    work: float = 1.0
    media_seconds: float = 0.0
    estimated: float = 0.0

    @property
    def is_spoken(self) -> bool:
        """Whether the stage speaks a script: then its `media_seconds` are estimated from the characters."""
        return self.unit is Unit.CHARACTER


UNKNOWN = Quantity()
