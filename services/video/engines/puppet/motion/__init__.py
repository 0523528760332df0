"""Tracks of poses over time: speech, emotions, gestures and idle motion."""
