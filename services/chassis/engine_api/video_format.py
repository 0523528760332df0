"""The file formats of a video."""

from enum import StrEnum

from services.chassis.errors import InvalidArgument


class VideoFormat(StrEnum):
    """A file format. Overlay formats (all but MP4) carry an opacity for each pixel."""

    MP4 = "mp4"
    """H.264 and AAC in MP4, which every player reads."""
    PRORES_4444 = "prores4444"
    """ProRes 4444 and PCM in QuickTime, for video editors."""
    VP9_ALPHA = "vp9-alpha"
    """VP9 and Opus in WebM, for browsers."""

    @property
    def media_type(self) -> str:
        """Returns the MIME type of the file."""
        return {"mp4": "video/mp4", "prores4444": "video/quicktime", "vp9-alpha": "video/webm"}[self]

    @property
    def suffix(self) -> str:
        """Returns the file name's suffix with its dot."""
        return {"mp4": ".mp4", "prores4444": ".mov", "vp9-alpha": ".webm"}[self]

    @property
    def has_opacity(self) -> bool:
        """Tells whether the format carries an opacity for each pixel."""
        return self is not VideoFormat.MP4


def video_format_named(name: str) -> VideoFormat:
    """Returns the format that a contract names; the empty name is MP4.

    Raises `InvalidArgument` for an unknown format.
    """
    try:
        return VideoFormat(name or VideoFormat.MP4)
    except ValueError:
        known = ", ".join(VideoFormat)
        raise InvalidArgument(f"The format {name!r} is unknown: choose from {known}.") from None
