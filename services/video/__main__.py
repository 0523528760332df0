"""`python -m services.video` serves until it is told to stop."""

import asyncio

from services.video.settings import VideoSettings
from services.video.wiring import build_service


def main() -> None:
    settings = VideoSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    asyncio.run(build_service(settings).run())


if __name__ == "__main__":
    main()
