"""Memory: aligned blocks, scratch for calls in flight, views of arrays of the caller. Knows nobody."""
