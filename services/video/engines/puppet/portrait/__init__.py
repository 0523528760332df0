"""Portraits: reading, locating the face, framing, and what is behind the person."""
