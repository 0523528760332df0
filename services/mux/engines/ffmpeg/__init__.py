"""The `ffmpeg` mux engine. ffmpeg runs as a process of its own."""
