"""`python -m services.voice` serves until it is told to stop."""

import asyncio

from services.voice.settings import VoiceSettings
from services.voice.wiring import build_service


def main() -> None:
    settings = VoiceSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    asyncio.run(build_service(settings).run())


if __name__ == "__main__":
    main()
