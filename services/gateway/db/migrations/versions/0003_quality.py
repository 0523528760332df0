"""Quality: what a stage has measured of its result, and what a video's client should know."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    run_file("0003_quality.sql")
