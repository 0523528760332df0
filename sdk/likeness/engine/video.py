"""The requests and results of video engines, and the `VideoEngine` protocol."""

from services.video.engines.protocol import (
    BLUR,
    Box,
    FaceChoice,
    FaceLandmarks,
    Fit,
    InspectedPortrait,
    Inspection,
    Piece,
    Point,
    RenderedVideo,
    Rendering,
    VideoEngine,
)

__all__ = [
    "BLUR",
    "Box",
    "FaceChoice",
    "FaceLandmarks",
    "Fit",
    "InspectedPortrait",
    "Inspection",
    "Piece",
    "Point",
    "RenderedVideo",
    "Rendering",
    "VideoEngine",
]
