"""Stores in other formats, and the names of their files."""
