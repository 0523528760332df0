"""`python -m services.tts` serves until it is told to stop."""

import asyncio

from services.tts.settings import TtsSettings
from services.tts.wiring import build_service


def main() -> None:
    settings = TtsSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    asyncio.run(build_service(settings).run())


if __name__ == "__main__":
    main()
