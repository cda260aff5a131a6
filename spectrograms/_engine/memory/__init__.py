"""Memory: aligned blocks, scratch for calls in flight, sizes, and views of the caller's arrays."""
