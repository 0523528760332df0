"""Poses of the lips, and drawing the mouth in them."""
