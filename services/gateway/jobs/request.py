"""Request model with the fields that jobs of every kind have in common."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.gateway.jobs.domain.models import Priority

MetadataKey = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
MetadataValue = Annotated[str, StringConstraints(max_length=512)]


class Strict(BaseModel):
    """A model that refuses unknown fields, infinity and NaN."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class JobRequest(Strict):
    """Base of every kind's request."""

    priority: Literal["interactive", "batch"] = Field(
        default="interactive", description="Interactive work goes before batch work."
    )
    dry_run: bool = Field(
        default=False,
        description="Create no job: answer with the estimate of what would run, as `…/estimate` does. Files "
        "that are sent along become assets.",
    )
    no_cache: bool = Field(default=False, description="Run every stage, even where the result is known.")
    title: Title | None = Field(
        default=None, description="A title of your own, shown with the job; downloaded files are named by it."
    )
    metadata: dict[MetadataKey, MetadataValue] | None = Field(
        default=None,
        max_length=16,
        description="Up to 16 pairs of your own, shown with the job and in its events.",
    )

    @property
    def priority_class(self) -> Priority:
        return Priority[self.priority.upper()]

    def asset_ids(self) -> set[str]:
        """Returns the ids of all assets that the request names."""
        return set()

    @property
    def scene_count(self) -> int:
        """The number of scenes in the request, for limits on a whole batch."""
        return 1

    def inline_file(self) -> str | None:
        """Returns the name of the field that holds a whole file; such a field cannot be in a batch's line."""
        return None
