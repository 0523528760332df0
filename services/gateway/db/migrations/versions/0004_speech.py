"""Adds pronunciations and named chains of effects."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    run_file("0004_speech.sql")
