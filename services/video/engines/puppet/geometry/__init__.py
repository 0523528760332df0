"""Types, coordinates, grids and warps that all rooms of the puppet share."""
