"""Stores on disk: shards, their manifest and checksums, writing and reading them."""
