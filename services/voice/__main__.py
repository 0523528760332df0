"""Starts the voice worker: `python -m services.voice` serves until it is told to stop."""

from services.chassis.worker.imports import service_imports


def main() -> None:
    with service_imports():
        from services.chassis.worker.service import serve
        from services.voice.settings import VoiceSettings
        from services.voice.wiring import build_service
    settings = VoiceSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(build_service(settings))


if __name__ == "__main__":
    main()
