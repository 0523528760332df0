"""Runs the command line: `likeness`, or `python -m services.cli`."""

import sys

from services.chassis.errors import LikenessError
from services.cli.errors import CliError
from services.cli.interrupt import Interrupted


def main() -> None:
    """Runs the command of `sys.argv` and exits: 1 for a failure, 2 for wrong usage, 128 + the signal's number
    after a signal."""
    try:
        # Imported here, because Ctrl-C may come while the commands are imported.
        from services.cli.app import build_app

        build_app()(prog_name="likeness")
    except LikenessError as exc:
        print(f"error: {exc.message}", file=sys.stderr)
        sys.exit(exc.exit_status if isinstance(exc, CliError) else 1)
    except Interrupted as exc:
        sys.exit(exc.exit_status)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
