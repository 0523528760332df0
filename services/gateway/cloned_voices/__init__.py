"""Cloned voices: jobs that turn recordings of a person into a voice."""
