"""Bridges to other packages: each is imported when it is used, and not before."""
