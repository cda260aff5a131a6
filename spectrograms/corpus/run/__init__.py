"""The work: inputs to parts, parts to shards, here or on a cluster; resuming and refreshing."""
