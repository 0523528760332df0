"""The engines that come with the video service."""

from services.chassis.engine_host.registry import EngineEntry

ENGINES = (EngineEntry("puppet", "services.video.engines.puppet.engine:PuppetEngine"),)
