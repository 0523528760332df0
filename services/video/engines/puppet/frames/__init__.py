"""Pictures in the encoder's pixel format, and the video file that they are written into."""
