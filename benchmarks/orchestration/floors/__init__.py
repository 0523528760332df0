"""The raw drivers, doing no more than what has to be done: what every orchestrator is measured against."""

REQUESTS = "requests"
STATUSES = "statuses"
