"""The first tables: accounts, assets, videos, stages, outbox, events, engines."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0001"
down_revision = None


def upgrade() -> None:
    run_file("0001_initial.sql")
