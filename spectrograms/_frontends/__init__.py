"""Frontends: features exactly as other toolkits and models define them, as configurations of one engine.

`making` finds them by name, `base` is the object and `stream` its stream, `runner` takes signals through the
engine and the steps around it, `configs` reads files of models. What they are made of is in `recipes/`; in
`toolkits/` stands a short file of data for each toolkit.
"""
