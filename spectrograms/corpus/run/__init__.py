"""Runs: from inputs to parts and from parts to shards, here or on a cluster; resuming and refreshing."""
