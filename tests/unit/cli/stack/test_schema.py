from importlib.resources import files

from alembic.config import Config
from alembic.script import ScriptDirectory

from services.cli.stack.schema import newest_revision


def test_the_newest_revision_is_the_one_that_alembic_would_upgrade_to() -> None:
    config = Config()
    config.set_main_option("script_location", str(files("services.gateway.db.migrations")))

    assert newest_revision() == ScriptDirectory.from_config(config).get_current_head()
