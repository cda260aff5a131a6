"""Bridges to other packages. Each module imports its package inside its functions."""
