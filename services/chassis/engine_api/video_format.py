"""The files that a video can be."""

from enum import StrEnum

from services.chassis.errors import InvalidArgument


class VideoFormat(StrEnum):
    """The other two carry an opacity for each pixel: overlays."""

    MP4 = "mp4"
    """H.264 and AAC, for everybody."""
    PRORES_4444 = "prores4444"
    """In QuickTime with PCM, for editors."""
    VP9_ALPHA = "vp9-alpha"
    """In WebM with Opus, for browsers."""

    @property
    def media_type(self) -> str:
        return {"mp4": "video/mp4", "prores4444": "video/quicktime", "vp9-alpha": "video/webm"}[self]

    @property
    def suffix(self) -> str:
        """Of the file's name, with its dot."""
        return {"mp4": ".mp4", "prores4444": ".mov", "vp9-alpha": ".webm"}[self]

    @property
    def has_opacity(self) -> bool:
        return self is not VideoFormat.MP4


def video_format_named(name: str) -> VideoFormat:
    """As a contract names it: empty is MP4. `InvalidArgument` for a format that there is not."""
    try:
        return VideoFormat(name or VideoFormat.MP4)
    except ValueError:
        known = ", ".join(VideoFormat)
        raise InvalidArgument(f"The format {name!r} is unknown: choose from {known}.") from None
