"""Threads: the pool, and how a waiting thread is woken. Knows nothing of signals."""
