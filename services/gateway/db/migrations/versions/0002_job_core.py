"""The job core: fair admission, executions, batches, the cache's account, and garbage."""

from services.gateway.db.migrations.plain_sql import run_file

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    run_file("0002_job_core.sql")
