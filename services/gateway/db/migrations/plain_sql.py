"""Runs migrations that are plain SQL files of many statements."""

from functools import partial
from importlib.resources import files
from typing import Any

from alembic import op


def run_file(filename: str) -> None:
    """Runs a file of `versions/` in the migration's transaction."""
    text = files("services.gateway.db.migrations.versions").joinpath(filename).read_text()
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.run_async(partial(_execute, text))


async def _execute(text: str, driver: Any) -> None:
    await driver.execute(text)
