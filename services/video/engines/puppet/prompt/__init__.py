"""Prompts: their words, and what they make the person and the camera do."""
