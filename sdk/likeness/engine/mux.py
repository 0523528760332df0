"""The requests and results of mux engines, and the `MuxEngine` protocol."""

from services.mux.engines.protocol import (
    AssembledVideo,
    Assembly,
    MuxEngine,
    SceneMedia,
)

__all__ = ["AssembledVideo", "Assembly", "MuxEngine", "SceneMedia"]
