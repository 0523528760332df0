"""Starts the mux worker: `python -m services.mux` serves until it is told to stop."""

from services.chassis.observability.gc_tuning import collections_paused


def main() -> None:
    with collections_paused():
        from services.chassis.worker.service import serve
        from services.mux.settings import MuxSettings
        from services.mux.wiring import build_service
    settings = MuxSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(build_service(settings))


if __name__ == "__main__":
    main()
