"""Default video engine: a face mesh moved by visemes, on the CPU and without weights."""
