"""The one loop over frames, its configuration, and what it reads: signals and frames."""
