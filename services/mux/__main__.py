"""`python -m services.mux` serves until it is told to stop."""

import asyncio

from services.mux.settings import MuxSettings
from services.mux.wiring import build_service


def main() -> None:
    settings = MuxSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    asyncio.run(build_service(settings).run())


if __name__ == "__main__":
    main()
