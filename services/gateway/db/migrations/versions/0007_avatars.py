"""Portraits that a workspace keeps under a name, with what it knows of their faces."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    run_file("0007_avatars.sql")
