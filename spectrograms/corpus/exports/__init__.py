"""Stores in the formats of others, and the names that their files get."""
