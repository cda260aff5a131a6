"""What every room may use and which knows none of them: input, texts, limits, names.

`intake` makes arrays of what holds numbers, `plain` reads and writes JSON, `limits` says how large a thing
may be, `registry` has the kinds that are saved, `hooks` the functions behind methods of lower rooms,
`conventions` and `fingerprint` say what a configuration computes, `extras` imports optional packages, `files`
writes files and names them, `interrupts` has the handlers of signals.
"""
