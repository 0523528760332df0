"""Chains on raw drivers that do only the necessary work: the floor for every orchestrator."""

REQUESTS = "requests"
STATUSES = "statuses"
