"""Runs chains on Celery with Redis, with the result of every task stored for its clients."""

# The peers are installed in an environment of their own, .venv-benchmarks: pyright finds none of their types.
# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownParameterType=false, reportUnknownArgumentType=false

import os

from benchmarks.orchestration.peers import celery_redis

celery_redis.app.conf.update(task_ignore_result=False, result_backend=os.environ["BENCH_REDIS_URL"])
app = celery_redis.app
stage = celery_redis.stage
running = celery_redis.running_app(__name__)
