"""Measures waiting: how true estimates are, and how long a short video waits behind a long one."""
