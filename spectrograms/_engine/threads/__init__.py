"""Threads: how many a call may use, the pool that shares a job, parking and waking, atomic counters."""
