"""Features built on plans: each configures the engine once and wraps what it computes."""
