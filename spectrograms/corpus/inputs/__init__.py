"""From files, folders, manifests and bytes to a list of items."""
