"""Drops indexes and constraints that cost time with every transition and are not needed."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    run_file("0006_hot_path.sql")
