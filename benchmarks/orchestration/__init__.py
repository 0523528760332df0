"""Chains of four no-op stages: ours, what a user would pick instead, and the floor of the raw drivers."""

STAGES = 4
