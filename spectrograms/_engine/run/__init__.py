"""Engines over what a user hands in: at once, or as jobs that several threads share. The door for plans."""
