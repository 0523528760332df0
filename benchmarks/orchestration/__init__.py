"""Measures chains of four no-op stages on Likeness, on other systems, and on raw drivers as the floor."""

STAGES = 4
