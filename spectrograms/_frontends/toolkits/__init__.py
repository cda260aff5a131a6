"""One short file for each toolkit: tables of parameters, and functions that turn them into recipes."""
