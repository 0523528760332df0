"""Presigned uploads are kept after their completion, until nothing can be sent to their URLs any more."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    run_file("0010_uploads.sql")
