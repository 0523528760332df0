"""What the puppet measures of the frames that it hands to the encoder."""
