"""Celery on Redis with the result of every task stored, where its clients can look it up."""

import os

from benchmarks.orchestration.peers import celery_redis

celery_redis.app.conf.update(task_ignore_result=False, result_backend=os.environ["BENCH_REDIS_URL"])
app = celery_redis.app
stage = celery_redis.stage
running = celery_redis.running_app(__name__)
