"""Entry point of the video service: `python -m services.video` serves until the process is stopped."""

from services.chassis.observability.gc_tuning import collections_paused


def main() -> None:
    with collections_paused():
        from services.chassis.worker.service import serve
        from services.video.settings import VideoSettings
        from services.video.wiring import build_service
    settings = VideoSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(build_service(settings))


if __name__ == "__main__":
    main()
