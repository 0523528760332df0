"""The engines that come with the mux service."""

from services.chassis.engine_api.entry import EngineEntry

ENGINES = (EngineEntry("ffmpeg", "services.mux.engines.ffmpeg.engine:FfmpegEngine"),)
