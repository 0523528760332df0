"""Starts the TTS worker: `python -m services.tts` serves until it is told to stop."""

from services.chassis.worker.imports import service_imports


def main() -> None:
    with service_imports():
        from services.chassis.worker.service import serve
        from services.tts.settings import TtsSettings
        from services.tts.wiring import build_service
    settings = TtsSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(build_service(settings))


if __name__ == "__main__":
    main()
