"""Entry point of the video service: `python -m services.video` serves until the process is stopped."""

from services.chassis.worker.imports import service_imports


def main() -> None:
    with service_imports():
        from services.chassis.worker.service import serve
        from services.video.settings import VideoSettings
        from services.video.wiring import build_service
    settings = VideoSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(build_service(settings))


if __name__ == "__main__":
    main()
