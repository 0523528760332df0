"""Brings the database to the newest schema: `python -m services.gateway.db.migrate`."""

from importlib.resources import files

from alembic import command
from alembic.config import Config

from services.gateway.settings import DatabaseSettings


def migrate(database_url: str) -> None:
    """Applies the migrations that the database lacks.

    Safe to run from several places at once: the first takes a lock, the others find nothing to do.
    """
    config = Config()
    config.set_main_option("script_location", str(files("services.gateway.db.migrations")))
    scheme, _, rest = database_url.partition("://")
    config.attributes["url"] = f"{scheme}+asyncpg://{rest}"
    command.upgrade(config, "head")


if __name__ == "__main__":
    migrate(DatabaseSettings.model_validate({}).database_url.get_secret_value())
