"""The requests and results of mux engines, and the `MuxEngine` protocol."""

from services.mux.engines.protocol import (
    AssembledAudio,
    AssembledVideo,
    Assembly,
    AudioAssembly,
    AudioFormat,
    MuxEngine,
    SceneMedia,
)

__all__ = [
    "AssembledAudio",
    "AssembledVideo",
    "Assembly",
    "AudioAssembly",
    "AudioFormat",
    "MuxEngine",
    "SceneMedia",
]
