"""Starts the mux worker: `python -m services.mux` serves until it is told to stop."""

from services.chassis.worker.imports import service_imports


def main() -> None:
    with service_imports():
        from services.chassis.worker.service import serve
        from services.mux.settings import MuxSettings
        from services.mux.wiring import build_service
    settings = MuxSettings()  # pyright: ignore[reportCallIssue] - the environment has the rest
    serve(build_service(settings))


if __name__ == "__main__":
    main()
