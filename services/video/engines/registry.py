"""Registry of the engines that come with the video service."""

from services.chassis.engine_api.entry import EngineEntry

ENGINES = (EngineEntry("puppet", "services.video.engines.puppet.engine:PuppetEngine"),)
