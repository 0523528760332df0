"""Quality checks of the frames that the puppet hands to the encoder."""
