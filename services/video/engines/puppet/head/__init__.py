"""Poses and movement of the head and of the camera."""
