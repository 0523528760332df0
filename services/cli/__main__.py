"""`likeness`, or `python -m services.cli`."""

import sys

from services.chassis.errors import LikenessError
from services.cli.app import build_app
from services.cli.interrupt import Interrupted


def main() -> None:
    try:
        build_app()()
    except LikenessError as exc:
        print(f"error: {exc.message}", file=sys.stderr)
        sys.exit(1)
    except Interrupted as exc:
        sys.exit(exc.exit_status)


if __name__ == "__main__":
    main()
