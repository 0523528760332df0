"""Poses of eyes and brows, and drawing them."""
