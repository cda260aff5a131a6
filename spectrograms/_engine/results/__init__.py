"""Results: they own their memory, lend it by buffer protocol and DLPack, and are saved and loaded."""
