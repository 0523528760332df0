"""Videos become jobs of a kind; stages carry their weight, events their workspace."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    run_file("0008_jobs.sql")
