"""What measuring has found, in files, and warm starts from it."""
