"""Loads the example that ships with the sources."""

import json
from pathlib import Path

import services
from services.cli.errors import CliError
from services.cli.render_request import RenderRequest


def load_example() -> RenderRequest:
    """Returns the request of `likeness demo`.

    Raises CliError if the examples are missing: an installed wheel contains none.
    """
    folder = Path(services.__path__[0]).parent / "examples"
    description = folder / "demo.json"
    if not description.exists():
        raise CliError(
            f"There is no {description}: the example comes with a checkout of the sources. "
            'Use `likeness render --script "…" --image portrait.jpg` instead.'
        )
    found = json.loads(description.read_text())
    return RenderRequest(script=found["script"], voice=found["voice"], image=folder / found["image"])
