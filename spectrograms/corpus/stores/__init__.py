"""What lies on disk: shards, their manifest and checksums, and the store that reads them."""
