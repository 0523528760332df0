"""Stages carry how much they have to do, and their turn in the queues."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    run_file("0009_quantities.sql")
