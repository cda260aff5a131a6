"""What is to be read: files, folders, manifests and bytes become a list of items."""
