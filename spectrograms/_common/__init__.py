"""Used by every room and dependent on none: input, JSON, limits, names, files.

`intake` makes arrays of whatever holds numbers, `plain` reads and writes JSON, `limits` says how large things
may be, `registry` lists the kinds that are saved, `hooks` the functions behind methods of lower rooms,
`conventions` and `fingerprint` say what a configuration computes, `documenting` fills docstrings with what
they share, `extras` imports optional packages, `files` writes and recognises files, `interrupts` handles
signals, `processes` shares work among some, and `sharing` says among how many.
"""
