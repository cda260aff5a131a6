"""What the user gets: it owns its memory, lends it by buffer protocol and DLPack, and is saved and loaded."""
